import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtempDisposable, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { RocketmqClusterConfig } from '../../../../brokers/rocketmq/config.ts';
import { abortVisible } from '../../../../app/change/reassign/control-change.ts';
import { beginChange, continueChange, type Beginning } from '../../../../app/change/journaled-change.ts';
import type { Caller } from '../../../../app/caller.ts';
import { confirm as confirmTyped } from '../../../../cli/confirm.ts';
import { seconds, systemClock } from '../../../../core/clock.ts';
import type { ChangeLease } from '../../../../core/documents/change-lease.ts';
import { AppError } from '../../../../core/errors.ts';
import { createLogger } from '../../../../core/log.ts';
import { identify, thisProcess } from '../../../../core/started-process.ts';
import { writeRequest, type HeldJournal } from '../../../../ops/change/held-journal.ts';
import {
  beginJournal,
  journalFile,
  newJournal,
  readJournal,
  type ChangeJournal,
} from '../../../../ops/change/journal.ts';
import { pretendKafka } from '../../../support/pretend-kafka.ts';
import { answerTo, startRemotingPeer } from '../../../support/remoting-peer.ts';

const hasFullDevice = existsSync('/dev/full');
const Facts = z.strictObject({ to: z.number() });
type Facts = z.infer<typeof Facts>;

/** A name server that keeps the lease, a state folder, and an operator with `--confirm prod`. */
async function workplace(confirm = 'prod', given?: string) {
  await using made = new AsyncDisposableStack();
  const parent = made.use(await mkdtempDisposable(join(tmpdir(), 'plimsoll-journaled-change-')));
  const folder = { path: join(parent.path, 'state') };
  let lease = given;
  let isDown = false;
  const server = made.use(
    await startRemotingPeer((frame, say) => {
      if (isDown) return;
      const [put, get] = [100, 101];
      if (frame.code === get && lease === undefined) return say(answerTo(frame, { code: 22, remark: 'no such key' }));
      if (frame.code === put) lease = frame.fields['value'];
      else if (frame.code !== get) lease = undefined;
      return say(answerTo(frame, { fields: lease === undefined ? {} : { value: lease } }));
    }),
  );
  let skipped = 0;
  const written: string[] = [];
  const output = { write: (text: string) => void written.push(text), isTerminal: false, columns: 100 };
  const io: Caller = {
    confirm: (name, said) => confirmTyped(io, name, said),
    confirmDeletion: () => Promise.reject(new Error('nothing is deleted')),
    options: { confirm, 'state-dir': folder.path, config: join(folder.path, 'none.yaml') },
    stdout: output,
    stderr: output,
    signal: new AbortController().signal,
    environment: {},
    // The lease waits 4 s for other writers: a sleep takes a hundredth of its time.
    clock: {
      ...systemClock,
      monotonic: () => seconds(systemClock.monotonic() + skipped),
      async sleep(duration, options) {
        await systemClock.sleep(seconds(duration / 100), options);
        skipped += duration * 0.99;
      },
    },
    openLog: async () => createLogger('silent'),
  };
  const path = journalFile(folder.path, 'changes', ['orders', 'queues', 'payments']);
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: [server.address] });
  const cluster = { name: 'orders', config, typed: 'prod' };
  const what = { change: 'queues', subject: 'payments', path };
  const rest = made.move();
  return {
    io,
    path,
    written,
    lease: () => lease,
    folder: folder.path,
    config,
    async restore(saved: string, text: string | undefined) {
      await rm(folder.path, { recursive: true });
      await cp(saved, folder.path, { recursive: true });
      lease = text;
    },
    setDown: (next: boolean) => (isDown = next),
    setLease: (text: string) => void (lease = text),
    address: server.address,
    files: () => readdir(join(folder.path, 'changes')),
    begin: (
      carry: (state: ChangeJournal<Facts>, held: HeldJournal) => Promise<void>,
      over: Partial<Beginning<Facts>> = {},
    ) =>
      beginChange(io, cluster, { ...what, summary: 'Queues change.', facts: { to: 4 }, ...over }, (held) =>
        carry(held.journal, held),
      ),
    /** Simulates a full disk where a journal is written before it replaces the previous one. */
    fillDisk: () => symlink('/dev/full', `${path}.new`),
    freeDisk: () => rm(`${path}.new`),
    abort: (carry: (state: ChangeJournal<Facts>, held: HeldJournal) => Promise<void>) =>
      continueChange(io, cluster, { ...what, schema: Facts, summary: 'Queues are restored.', isBack: true }, (held) =>
        carry(held.journal, held),
      ),
    resume: (carry: (state: ChangeJournal<Facts>) => Promise<void>) =>
      continueChange(io, cluster, { ...what, schema: Facts, mayBeDown: true }, ({ journal }) => carry(journal)),
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
}

/** A kill leaves what was on disk and in the name server at that moment. */
async function killed(place: Awaited<ReturnType<typeof workplace>>) {
  const saved = `${place.folder}.killed`;
  let lease: string | undefined;
  await place.begin(async (state) => {
    await cp(place.folder, saved, { recursive: true });
    lease = place.lease();
    state.status = 'done';
  });
  return { folder: saved, lease };
}

const done = async (state: ChangeJournal<Facts>) => void (state.status = 'done');
const fails = async () => {
  throw new AppError('broker-refused', 'no');
};

test('a change runs under the lease with its journal on disk, which is archived at the end', async () => {
  await using place = await workplace();
  const { kept, state } = await place.begin(async (journal) => {
    expect(JSON.parse(place.lease() ?? '{}')).toMatchObject({ change: 'queues', subject: 'payments' });
    expect(await readJournal(place.path, Facts)).toMatchObject({
      clusterId: 'prod',
      facts: { to: 4 },
      leaseId: expect.any(String),
    });
    journal.status = 'done';
  });
  expect(state.status).toBe('done');
  expect(kept).toMatch(/\.over$/);
  expect(place.lease()).toBeUndefined();
  expect(await place.files()).toEqual([expect.stringMatching(/\.over$/)]);
});

test('the same command completes a rollback without a journal that was killed after its last step', async () => {
  await using place = await workplace();
  const names = { cluster: 'orders', change: 'reassign --abort', subject: 'cluster' };
  const left = journalFile(place.folder, 'changes', [names.cluster, names.change, names.subject]);
  await beginJournal(left, newJournal({ ...names, facts: { undone: [] } }, new Date(0)));
  const { changes } = pretendKafka([{ topic: 'orders', partition: 0, replicas: [1, 2], bytes: 1000 }], [1, 2]);
  // The configuration is only used for the lease.
  const how = { name: 'orders', config: place.config as never, typed: 'prod', path: 'none.json' };
  const abort = () => abortVisible(place.io as never, changes, how);
  expect(await abort()).toEqual([]);
  expect((await place.files()).filter((name) => !name.endsWith('.over'))).toEqual([]);
  await expect(abort()).rejects.toMatchObject({ code: 'not-found' });
});

test('without a journal, a change killed between two waves is no reassignment, but its retentions are listed', async () => {
  await using place = await workplace();
  const { changes, settings } = pretendKafka([{ topic: 'orders', partition: 0, replicas: [1, 2], bytes: 1 }], [1, 2]);
  settings.set('topic orders', new Map([['retention.ms', '7200000']]));
  const how = { name: 'orders', config: place.config as never, typed: 'prod', path: 'none.json' };
  await expect(abortVisible(place.io as never, changes, how)).rejects.toMatchObject({ code: 'not-found' });
  expect(place.written.join('')).toContain(
    'retention.ms=7200000 is set on these topics and is not changed here: orders',
  );
});

test('--abort --confirm of a finished reassignment, such as one repeated by a script, removes no throttles of others', async () => {
  await using place = await workplace();
  const { changes, settings } = pretendKafka([{ topic: 'orders', partition: 0, replicas: [1, 2], bytes: 1 }], [1, 2]);
  settings.set('topic orders', new Map([['leader.replication.throttled.replicas', '*']]));
  await place.begin(done);
  const how = { name: 'orders', config: place.config as never, typed: 'prod', path: place.path };
  await expect(abortVisible(place.io as never, changes, how)).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringContaining('nothing was changed'),
  });
  expect(settings.get('topic orders')?.size).toBe(1);
  expect(place.written.join('')).toContain('remove leader.replication.throttled.replicas=* of topic orders');
});

test('begins nothing without the typed name of the cluster', async () => {
  await using place = await workplace('orders');
  await expect(place.begin(done)).rejects.toMatchObject({ code: 'usage' });
  expect(place.lease()).toBeUndefined();
  await expect(place.files()).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a stopped change keeps its journal: another change is refused, and --abort rolls back and ends it', async () => {
  await using place = await workplace();
  await expect(place.begin(fails)).rejects.toMatchObject({ code: 'broker-refused' });
  // Nobody has to confirm what is refused, and no approval is used up.
  place.io.confirm = () => Promise.reject(new Error('asked to confirm'));
  await expect(place.begin(done)).rejects.toMatchObject({
    code: 'change-under-way',
    hint: '--resume continues from the current step, --abort rolls back; if its process was killed, add --take-over',
  });
  expect((await readFile(join(place.folder, 'change-audit.ndjson'), 'utf8')).trim().split('\n')).toHaveLength(1);
  place.io.confirm = async () => undefined;
  const directions: string[] = [];
  const { kept } = await place.abort(async (state) => {
    directions.push(state.direction);
    expect(JSON.parse(place.lease() ?? '{}')).toMatchObject({ change: 'queues --abort' });
    state.status = 'rolled-back';
  });
  expect(directions).toEqual(['back']);
  expect(kept).toMatch(/\.over$/);
  await expect(place.abort(done)).rejects.toMatchObject({ code: 'not-found' });
  expect(place.lease()).toBeUndefined();
});

test('a start that is refused under the lease uses up no approval', async () => {
  await using place = await workplace();
  const prepare = () => Promise.reject(new AppError('change-refused', 'the cluster was changed since it was planned'));
  await expect(place.begin(done, { prepare })).rejects.toMatchObject({ code: 'change-refused' });
  expect(await readdir(place.folder)).not.toContain('change-audit.ndjson');
  expect(place.lease()).toBeUndefined();
});

test('a change that has ended is not rolled back, although its journal was not archived', async () => {
  await using place = await workplace();
  const ended = newJournal({ cluster: 'orders', change: 'queues', subject: 'payments', facts: { to: 4 } }, new Date(0));
  await beginJournal(place.path, { ...ended, status: 'done' });
  await expect(place.abort(fails)).rejects.toMatchObject({ code: 'not-found' });
});

test('a change whose lease was taken over at its end leaves its journal to the new owner', async () => {
  await using place = await workplace();
  const { kept } = await place.begin(async (state, held) => {
    place.setLease(JSON.stringify(holder));
    await expect.poll(() => held.check().catch(({ code }: AppError) => code)).toBe('change-under-way');
    state.status = 'done';
  });
  expect(kept).toBe(place.path);
  expect(await place.files()).toContain(basename(place.path));
});

test('--resume goes forward after a rollback that could not complete', async () => {
  await using place = await workplace();
  await expect(place.begin(fails)).rejects.toMatchObject({ code: 'broker-refused' });
  await expect(place.abort(fails)).rejects.toMatchObject({ code: 'broker-refused' });
  expect(await readJournal(place.path, Facts)).toMatchObject({ direction: 'back' });
  const { state } = await place.resume(done);
  expect(state).toMatchObject({ direction: 'forward', status: 'done' });
});

test('the error of an unfinished change states how to continue it and how to roll it back', async () => {
  await using place = await workplace();
  const hint = expect.stringMatching(/; --resume continues .*, --abort rolls back$/) as string;
  await expect(place.begin(fails)).rejects.toMatchObject({ code: 'broker-refused', message: 'no', hint });
  await expect(place.abort(fails)).rejects.toMatchObject({ code: 'broker-refused', hint });
  const interrupted = async () => {
    throw new AppError('aborted', 'interrupted by SIGINT');
  };
  await expect(place.abort(interrupted)).rejects.toMatchObject({
    code: 'aborted',
    hint: expect.stringMatching(/^--resume continues .*, --abort rolls back$/) as string,
  });
});

test('the error of an ended change names no command to continue it', async () => {
  await using place = await workplace();
  const hint = expect.not.stringContaining('--resume') as string;
  await expect(place.begin(fails, { isOnce: true })).rejects.toMatchObject({ hint });
  const cleans = async (state: ChangeJournal<Facts>) => {
    state.status = 'rolled-back';
    return await fails();
  };
  await expect(place.begin(cleans)).rejects.toMatchObject({ hint });
});

test('the error of an A/B test that has changed a setting names only --abort', async () => {
  await using place = await workplace();
  const hint = expect.stringMatching(/; --abort rolls back$/) as string;
  await expect(place.begin(fails, { change: 'ab-test' })).rejects.toMatchObject({ hint });
});

test('a change that rolled itself back after an error leaves no journal to continue', async () => {
  await using place = await workplace();
  const cleans = async (state: ChangeJournal<Facts>) => {
    state.status = 'rolled-back';
    return await fails();
  };
  await expect(place.begin(cleans)).rejects.toMatchObject({ code: 'broker-refused' });
  expect(await place.files()).toEqual([expect.stringMatching(/\.over$/)]);
  await expect(place.begin(fails)).rejects.toMatchObject({ code: 'broker-refused' });
  await expect(place.abort(cleans)).rejects.toMatchObject({ code: 'broker-refused' });
  expect((await place.files()).every((name) => name.endsWith('.over'))).toBe(true);
});

test('a change that cannot be resumed archives its journal on every exit, unless a setting is still borrowed', async () => {
  await using place = await workplace();
  await expect(place.begin(fails, { isOnce: true })).rejects.toMatchObject({ code: 'broker-refused' });
  expect(await place.files()).toEqual([expect.stringMatching(/\.over$/)]);
  const borrowing = async (state: ChangeJournal<Facts>) => {
    state.borrowed.push({ kind: 'broker', name: '1', why: 'ab-test', before: { 'num.io.threads': '8' } });
    return await fails();
  };
  await expect(place.begin(borrowing, { isOnce: true })).rejects.toMatchObject({ code: 'broker-refused' });
  expect(await readJournal(place.path, Facts)).toMatchObject({ status: 'running' });
});

test('a late abort request for one change does not roll back the next', async () => {
  await using place = await workplace();
  const endsFirst = async () => {
    await writeRequest(place.path, 'abort');
    return await fails();
  };
  await expect(place.begin(endsFirst, { isOnce: true })).rejects.toMatchObject({ code: 'broker-refused' });
  const requests: unknown[] = [];
  await place.begin(async (state, held) => {
    requests.push(await held.request());
    state.status = 'done';
  });
  expect(requests).toEqual([undefined]);
});

test('the next change archives and names the journal of a killed change that cannot be resumed', async () => {
  await using place = await workplace();
  await expect(place.begin(fails)).rejects.toThrow();
  await place.begin(done, { isOnce: true });
  expect(place.written.join('')).toContain('was interrupted; its journal is ');
  expect((await place.files()).every((name) => name.endsWith('.over'))).toBe(true);
});

const leaseTimes = { startedAt: '2026-11-21T20:00:00.000Z', heartbeatAt: '2026-11-21T20:01:00.000Z', heartbeat: 7 };
const killedChange = { owner: 'alice', host: 'ops-1', change: 'redline', subject: 'broker a' };
const holder: ChangeLease = { schemaVersion: 1, id: 'f0', ...killedChange, ...leaseTimes };

test('takes over a lease that was already seen to expire without another wait', async () => {
  await using place = await workplace('prod', JSON.stringify(holder));
  await expect(place.begin(done)).rejects.toMatchObject({ code: 'lease-expired' });
  Object.assign(place.io.options, { 'take-over': true });
  await place.begin(done);
  expect(place.written.filter((text) => text.includes('for a heartbeat of alice'))).toHaveLength(1);
});

test('a new change that takes over an expired lease names the host on which to end the former change', async () => {
  await using place = await workplace('prod', JSON.stringify(holder));
  const seen = { kind: 'expired', holder, print: `name server ${place.address} f0 7` } as const;
  Object.assign(place.io.options, { 'take-over': true });
  await place.begin(done, { seen });
  const written = place.written.join('');
  expect(written).toContain('taking over the lease of alice on ops-1 (redline of broker a');
  expect(written).toContain('`plimsoll ops status` on ops-1 lists what it has changed');
});

test('a change resumed without the lease, because no store answers, removes the lease of the killed process', async () => {
  await using place = await workplace();
  const { folder, lease } = await killed(place);
  await place.restore(folder, lease);
  place.setDown(true);
  await place.resume(async (state) => {
    place.setDown(false);
    state.status = 'done';
  });
  expect(place.lease()).toBeUndefined();
  expect(place.written.join('')).toContain('removed the lease of a former process of this machine');
});

test('a lease that could not be released because the change stopped the cluster is removed by the change that starts it', async () => {
  await using place = await workplace();
  await place.begin(async (state) => {
    place.setDown(true);
    state.status = 'done';
  });
  expect(place.lease()).toBeDefined();
  await place.begin(
    async (state) => {
      place.setDown(false);
      state.status = 'done';
    },
    { mayBeDown: true },
  );
  expect(place.lease()).toBeUndefined();
});

test('the next change removes a lease left at a name server that was down, but not that of a killed process', async () => {
  await using place = await workplace();
  await place.begin(async (state) => {
    place.setDown(true);
    state.status = 'done';
  });
  place.setDown(false);
  expect(place.lease()).toBeDefined();
  await place.begin(done);
  expect(place.lease()).toBeUndefined();
  expect(place.written.join('')).toContain('removed the lease of a change of this machine that has ended');

  const { folder, lease } = await killed(place);
  await place.restore(folder, lease);
  await expect(place.begin(done, { isOnce: true })).rejects.toMatchObject({ code: 'lease-expired' });
  expect(place.lease()).toBe(lease);
});

test('without the lease, a rollback does not run while another process of this host changes the cluster', async () => {
  await using place = await workplace();
  await expect(place.begin(fails)).rejects.toMatchObject({ code: 'broker-refused' });
  const claims = join(place.folder, 'leases', 'prod.claims');
  const path = join(claims, 'claim.00000000-0000-0000-0000-000000000000.json');
  const claimed = async (of: object) => {
    await mkdir(claims, { recursive: true });
    const since = '2026-11-27T10:00:00.000Z';
    await writeFile(path, JSON.stringify({ schemaVersion: 1, ...thisProcess(), since, ...of }));
  };
  place.setDown(true);
  const another = spawn('sleep', ['600']);
  onTestFinished(() => void another.kill('SIGKILL'));
  const { pid = 0 } = another;
  await claimed(identify(pid) ?? {});
  await expect(place.abort(done)).rejects.toMatchObject({
    code: 'change-under-way',
    message: expect.stringContaining(`is being changed by process ${pid} on `) as string,
  });
  // It was killed, and another process has reused its pid.
  await claimed({ pid, started: 'before this boot/1' });
  await place.abort(async (state) => void (state.status = 'rolled-back'));
  expect(await readdir(claims)).toEqual([]);
});

test('a change without the lease keeps the lease of another host, and warns if no store answers yet', async () => {
  const times = { startedAt: '2026-11-21T20:00:00.000Z', heartbeatAt: '2026-11-21T20:01:00.000Z', heartbeat: 7 };
  const of = { owner: 'alice', host: 'ops-1', change: 'redline', subject: 'broker a' };
  const other = JSON.stringify({ schemaVersion: 1, id: 'f0', ...of, ...times });
  await using place = await workplace();
  const { folder, lease } = await killed(place);
  for (const [text, isDown] of [
    [other, false],
    [lease, true],
  ] as const) {
    await place.restore(folder, text);
    place.setDown(true);
    await place.resume(async (state) => {
      place.setDown(isDown);
      state.status = 'done';
    });
    expect(place.lease()).toBe(text);
  }
  expect(place.written.join('')).toContain('the next change then needs --take-over: ');
});

test.skipIf(!hasFullDevice)(
  'a rollback continues while the disk of the state folder is full, with one notice',
  async () => {
    await using place = await workplace();
    await expect(place.begin(fails)).rejects.toMatchObject({ code: 'broker-refused' });
    await place.fillDisk();
    let isRestored = false;
    const { kept } = await place.abort(async (state, held) => {
      await held.save();
      isRestored = true;
      await place.freeDisk();
      state.status = 'rolled-back';
      await held.save();
    });
    expect(isRestored).toBe(true);
    expect(await readJournal(kept, Facts)).toMatchObject({ status: 'rolled-back' });
    const notices = place.written.filter((text) => text.startsWith('rolling back without saving the journal'));
    expect(notices).toEqual([expect.stringContaining('no space left')]);
  },
);

test.skipIf(!hasFullDevice)(
  'on a full disk no change goes forward, and no rollback borrows a setting or completes',
  async () => {
    await using place = await workplace();
    await expect(place.begin(fails)).rejects.toMatchObject({ code: 'broker-refused' });
    await place.fillDisk();
    const hint = expect.not.stringContaining('--out') as string;
    await expect(place.resume(done)).rejects.toMatchObject({ code: 'no-space', hint });
    const borrows = async (state: ChangeJournal<Facts>, held: HeldJournal) => {
      state.borrowed.push({ kind: 'broker', name: '1', why: 'throttle', before: {} });
      await held.save();
    };
    await expect(place.abort(borrows)).rejects.toMatchObject({ code: 'no-space' });
    const ends = async (state: ChangeJournal<Facts>, held: HeldJournal) => {
      state.status = 'rolled-back';
      await held.save();
    };
    await expect(place.abort(ends)).rejects.toMatchObject({ code: 'no-space' });
    await place.freeDisk();
    expect((await place.abort(ends)).state.status).toBe('rolled-back');
  },
);

test('a change continues only on the cluster on which it began, however its journal was found', async () => {
  await using place = await workplace();
  await expect(place.begin(fails)).rejects.toMatchObject({ code: 'broker-refused' });
  const on = (typed: string) =>
    continueChange(
      place.io,
      { name: 'orders', config: place.config, typed },
      {
        change: 'queues',
        subject: 'payments',
        path: place.path,
        schema: Facts,
        ...(typed === 'staging' && { summary: 'queues go on' }),
      },
      ({ journal }) => done(journal),
    );
  await expect(on('staging')).rejects.toMatchObject({
    code: 'wrong-cluster',
    message: expect.stringContaining('was begun on cluster prod, and this is cluster staging'),
  });
  expect(place.lease()).toBeUndefined();
  // Its name servers list another cluster again, which was down when the change began.
  await on('east+prod');
  expect(await place.files()).toEqual([expect.stringMatching(/\.over$/)]);
});
