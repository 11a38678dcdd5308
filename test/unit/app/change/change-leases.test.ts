import { spawn } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { releasedText, type ChangeLease } from '../../../../core/documents/change-lease.ts';
import { AppError } from '../../../../core/errors.ts';
import { identify, thisProcess } from '../../../../core/started-process.ts';
import type { ChangeJournal } from '../../../../ops/change/journal.ts';
import { workplace, killed, done, fails, type Facts } from '../../../support/journaled-change.ts';

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

test('a change whose lease was taken over at its end leaves its journal to the new owner', async () => {
  await using place = await workplace();
  const { kept } = await place.begin(async (state, held) => {
    // A heartbeat that is being written when the lease is replaced would put it back.
    const codeWithOtherHolder = () => {
      place.setLease(JSON.stringify(holder));
      return held.check().catch(({ code }: AppError) => code);
    };
    await expect.poll(codeWithOtherHolder).toBe('change-under-way');
    state.status = 'done';
  });
  expect(kept).toBe(place.path);
  expect(await place.files()).toContain(basename(place.path));
});

test.each(['resumed', 'rolled back'])(
  'a stopped reassignment that is %s knows of a later one, and is not the last',
  async (how) => {
    await using place = await workplace();
    await expect(place.begin(fails)).rejects.toThrow('no');
    const later = { startedAt: '2099-01-01T00:00:00.000Z', by: 'bob on ops-2 (reassign of topic orders)' };
    place.setLease(releasedText(later));
    const carry = async (state: ChangeJournal<Facts>) => {
      expect(state.takenOver).toBe(later.by);
      expect(JSON.parse(place.lease() ?? '')).toMatchObject({ owner: expect.any(String), placedBy: later });
      throw new AppError('broker-refused', 'no');
    };
    const again = how === 'resumed' ? place.resume : place.abort;
    await expect(again(carry)).rejects.toMatchObject({
      code: 'broker-refused',
      hint: expect.not.stringContaining('--resume'),
    });
    place.setLease('');
    await place.abort(async (state) => {
      expect(state.takenOver).toBe(later.by);
      state.status = 'done';
    });
  },
);

test('a reassignment whose record the cluster has lost continues, unless replicas were moved meanwhile', async () => {
  await using place = await workplace();
  await expect(place.begin(fails)).rejects.toThrow('no');
  place.setLease('');
  await expect(
    place.resume(async (state) => {
      expect(state.takenOver).toBeUndefined();
      expect(JSON.parse(place.lease() ?? '')).toMatchObject({ placedBy: { startedAt: state.startedAt } });
      return await fails();
    }),
  ).rejects.toMatchObject({ hint: expect.stringContaining('--resume') });
  place.setLease('');
  place.moveReplicas();
  await place.abort(async (state) => {
    expect(state.takenOver).toContain('possibly another reassignment (replicas were moved');
    state.status = 'done';
  });
});

test('a killed reassignment continues although another kind of change took over its lease', async () => {
  await using place = await workplace();
  const { folder, lease } = await killed(place);
  const { placedBy } = JSON.parse(lease ?? '') as ChangeLease;
  await place.restore(folder, JSON.stringify({ ...holder, placedBy }));
  Object.assign(place.io.options, { 'take-over': true });
  await place.resume(async (state) => {
    expect(state.takenOver).toBeUndefined();
    state.status = 'done';
  });
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

test.each(['without', 'with'])(
  '%s the lease, a rollback does not run while another process of this host changes the cluster',
  async (how) => {
    await using place = await workplace();
    await expect(place.begin(fails)).rejects.toMatchObject({ code: 'broker-refused' });
    const claims = join(place.folder, 'leases', 'prod.claims');
    const path = join(claims, 'claim.00000000-0000-0000-0000-000000000000.json');
    const claimed = async (of: object) => {
      await mkdir(claims, { recursive: true });
      const since = '2026-11-27T10:00:00.000Z';
      await writeFile(path, JSON.stringify({ schemaVersion: 1, ...thisProcess(), since, ...of }));
    };
    place.setDown(how === 'without');
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
  },
);

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
