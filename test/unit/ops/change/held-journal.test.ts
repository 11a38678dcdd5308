// Checks that a reassignment stops when it loses its lease, and keeps the new owner's state.

import { existsSync } from 'node:fs';
import { mkdtempDisposable, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ChangeLease } from '../../../../core/documents/change-lease.ts';
import { AppError } from '../../../../core/errors.ts';
import { carryOut } from '../../../../ops/kafka/execute/carry-out.ts';
import { clearRequest, takeJournal, writeRequest } from '../../../../ops/change/held-journal.ts';
import { journalFile, putAside, readJournal, saveJournal } from '../../../../ops/change/journal.ts';
import { ReassignFacts, type ReassignJournal } from '../../../../ops/kafka/execute/reassign-facts.ts';
import { pretendKafka } from '../../../support/pretend-kafka.ts';
import { reassignJournal } from '../../../support/reassign-journal.ts';

const rate = 'leader.replication.throttled.rate';

async function begin() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-leased-'));
  const path = journalFile(folder.path, 'kafka-changes', ['pretend']);
  const kafka = pretendKafka([{ topic: 'orders', partition: 0, replicas: [1, 2], bytes: 1000 }], [1, 2, 3]);
  kafka.copySeconds = 3600;
  const state = reassignJournal({
    original: [{ topic: 'orders', partition: 0, replicas: [1, 2] }],
    target: [{ topic: 'orders', partition: 0, replicas: [3, 2] }],
  });
  state.leaseId = 'ours';
  await saveJournal(path, state);
  let lost: AppError | undefined;
  let holder: ChangeLease | undefined;
  const interruption = new AbortController();
  const lease = {
    id: 'ours',
    isLost: () => lost !== undefined,
    async otherHolder() {
      // The connection that lost the lease may be lost again.
      const seen = holder;
      holder = undefined;
      return seen;
    },
    check() {
      if (lost !== undefined) throw lost;
    },
  };
  const lose = (to?: ChangeLease) => {
    lost = new AppError(
      'lease-lost',
      'this process no longer holds the lease of the cluster: it was not renewed for 45 s',
    );
    holder = to;
  };
  const whileMoving = async (act: () => Promise<void>) => {
    const leased = await takeJournal(path, state, lease, () => undefined);
    let isActed = false;
    return carryOut({
      changes: kafka.changes,
      journal: state,
      clock: kafka.clock,
      signal: interruption.signal,
      ...leased,
      async request() {
        if (!isActed && kafka.moving.size > 0) {
          isActed = true;
          await act();
        }
        return await leased.request();
      },
      tell: () => undefined,
      progress: () => undefined,
      unread: async () => [],
    }).then(
      () => undefined,
      (cause: AppError) => cause,
    );
  };
  const throttled = () => [...kafka.settings].filter(([, own]) => own.has(rate)).length;
  const interrupt = () => interruption.abort(new AppError('aborted', 'interrupted by SIGTERM'));
  return { folder, path, kafka, state, lose, interrupt, whileMoving, throttled };
}

test('a lease lost during a wave stops the change like a fault, and the change can be resumed', async () => {
  const { folder, path, kafka, lose, whileMoving, throttled } = await begin();
  await using _ = folder;
  const fault = await whileMoving(async () => lose());
  expect(fault).toMatchObject({ code: 'change-stopped' });
  expect(fault?.message).toContain(
    'the change stopped: this process no longer holds the lease of the cluster: it was not renewed for 45 s.',
  );
  expect(kafka.moving.size).toBe(0);
  expect(throttled()).toBe(0);
  const left = await readJournal(path, ReassignFacts);
  expect(left).toMatchObject({ status: 'running', borrowed: [] });
  expect(left?.leaseId).toBeUndefined();
});

test.each([false, true])(
  'keeps state, moves and throttle when the new owner continues the same change (interrupted: %s)',
  async (isInterrupted) => {
    const { folder, path, kafka, state, lose, interrupt, whileMoving, throttled } = await begin();
    await using _ = folder;
    let theirs: ReassignJournal | undefined;
    const fault = await whileMoving(async () => {
      theirs = { ...structuredClone(state), leaseId: 'theirs' };
      await saveJournal(path, theirs);
      lose();
      if (isInterrupted) interrupt();
    });
    expect(fault).toMatchObject({ code: 'change-under-way' });
    expect(fault?.message).toContain('the new owner continues this change');
    expect(fault?.hint).toContain('`plimsoll ops status` then lists the commands');
    expect(await readJournal(path, ReassignFacts)).toEqual(theirs);
    expect(kafka.moving.size).toBeGreaterThan(0);
    expect(throttled()).toBeGreaterThan(0);
  },
);

test('keeps the journal of a rollback that runs without a lease', async () => {
  const { folder, path, kafka, state, lose, whileMoving } = await begin();
  await using _ = folder;
  let theirs: ReassignJournal | undefined;
  const fault = await whileMoving(async () => {
    const { leaseId: ours, ...rest } = structuredClone(state);
    expect(ours).toBe('ours');
    theirs = { ...rest, direction: 'back' };
    await saveJournal(path, theirs);
    lose();
  });
  expect(fault).toMatchObject({ code: 'change-under-way' });
  expect(await readJournal(path, ReassignFacts)).toEqual(theirs);
  expect(kafka.moving.size).toBeGreaterThan(0);
});

test('a process that continues after the new owner has ended the change does not begin its journal again', async () => {
  const { folder, path, kafka, state, lose, whileMoving, throttled } = await begin();
  await using _ = folder;
  const fault = await whileMoving(async () => {
    await putAside(path, state);
    lose();
  });
  expect(fault).toMatchObject({ code: 'change-under-way' });
  expect(await readJournal(path, ReassignFacts)).toBeUndefined();
  // The next change may use the same throttle.
  expect(throttled()).toBeGreaterThan(0);
  expect(kafka.moving.size).toBeGreaterThan(0);
});

test('keeps moves and throttle when another owner holds the lease', async () => {
  const { folder, path, kafka, lose, whileMoving, throttled } = await begin();
  await using _ = folder;
  const bob = {
    schemaVersion: 1,
    id: 'theirs',
    owner: 'bob',
    host: 'admin-2',
    change: 'reassign',
    subject: 'pretend',
    startedAt: '2026-11-26T00:00:00.000Z',
    heartbeat: 3,
    heartbeatAt: '2026-11-26T00:01:00.000Z',
  } as const;
  const fault = await whileMoving(async () => lose(bob));
  expect(fault).toMatchObject({ code: 'change-under-way' });
  expect(fault?.message).toContain('bob');
  expect(fault?.message).toContain(
    '--abort, or --resume where this change can still continue, ends it once that lease is released',
  );
  expect(kafka.moving.size).toBeGreaterThan(0);
  expect(throttled()).toBeGreaterThan(0);
  const left = await readJournal(path, ReassignFacts);
  expect(left?.status).toBe('running');
  expect(left?.borrowed).not.toEqual([]);
});

test('reads a request while the lease is held, until the request is cleared', async () => {
  const { folder, path, state } = await begin();
  await using _ = folder;
  const held = { id: 'ours', isLost: () => false, check: () => undefined, otherHolder: async () => undefined };
  await writeRequest(path, 'pause');
  const { request } = await takeJournal(path, state, held, () => undefined);
  expect(await request()).toBe('pause');
  await clearRequest(path);
  expect(await request()).toBeUndefined();
});

test.skipIf(!existsSync('/dev/full'))('a request on a full disk is an error of the disk, not a defect', async () => {
  const { folder, path } = await begin();
  await using _ = folder;
  await symlink('/dev/full', path.replace(/json$/, 'request'));
  await expect(writeRequest(path, 'abort')).rejects.toMatchObject({ code: 'no-space' });
});
