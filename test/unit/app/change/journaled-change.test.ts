import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { abortVisible } from '../../../../app/change/reassign/control-change.ts';
import { continueChange } from '../../../../app/change/journaled-change.ts';
import { ChangeLease } from '../../../../core/documents/change-lease.ts';
import { AppError } from '../../../../core/errors.ts';
import { writeRequest, type HeldJournal } from '../../../../ops/change/held-journal.ts';
import {
  beginJournal,
  journalFile,
  newJournal,
  readJournal,
  type ChangeJournal,
} from '../../../../ops/change/journal.ts';
import { pretendKafka } from '../../../support/pretend-kafka.ts';
import { Facts, workplace, done, fails } from '../../../support/journaled-change.ts';

const hasFullDevice = existsSync('/dev/full');

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

test('removing throttles without a journal is no placement, so the killed change can still be rolled back', async () => {
  await using place = await workplace();
  const { changes, settings } = pretendKafka([{ topic: 'orders', partition: 0, replicas: [1, 2], bytes: 1 }], [1, 2]);
  settings.set('topic orders', new Map([['leader.replication.throttled.replicas', '0:1']]));
  const how = { name: 'orders', config: place.config as never, typed: 'prod', path: 'none.json' };
  const leases: string[] = [];
  const alterSettings: typeof changes.alterSettings = async (...given) => {
    leases.push(place.lease() ?? '');
    await changes.alterSettings(...given);
  };
  await abortVisible(place.io as never, { ...changes, alterSettings }, how);
  expect(settings.get('topic orders')?.size).toBe(0);
  expect(leases.map((lease) => ChangeLease.parse(JSON.parse(lease)).placedBy)).toEqual([undefined]);
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

test('a --resume with decisions that are refused has no entry in the audit log', async () => {
  await using place = await workplace();
  await expect(place.begin(fails)).rejects.toThrow('no');
  const audit = () => readFile(join(place.folder, 'change-audit.ndjson'), 'utf8');
  const before = await audit();
  const amend = () => {
    throw new AppError('approval-refused', 'the approved plan ignores fewer unread messages');
  };
  await expect(place.resume(done, { amend })).rejects.toMatchObject({ code: 'approval-refused' });
  expect(await audit()).toBe(before);
});

test('a change that has ended is not rolled back, although its journal was not archived', async () => {
  await using place = await workplace();
  const ended = newJournal({ cluster: 'orders', change: 'queues', subject: 'payments', facts: { to: 4 } }, new Date(0));
  await beginJournal(place.path, { ...ended, status: 'done' });
  await expect(place.abort(fails)).rejects.toMatchObject({ code: 'not-found' });
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
