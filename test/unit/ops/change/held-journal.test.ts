// Checks that a reassignment stops when its lease is lost, and keeps the new owner's state.

import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AppError } from '../../../../core/errors.ts';
import { carryOut } from '../../../../ops/kafka/execute/carry-out.ts';
import { clearRequest, takeJournal, writeRequest } from '../../../../ops/change/held-journal.ts';
import { journalFile, readJournal, saveJournal } from '../../../../ops/change/journal.ts';
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
  const lease = {
    id: 'ours',
    isLost: () => lost !== undefined,
    check() {
      if (lost !== undefined) throw lost;
    },
  };
  const lose = () => (lost = new AppError('lease-lost', 'this process no longer holds the lease: bob took it over'));
  const whileMoving = async (act: () => Promise<void>) => {
    const leased = await takeJournal(path, state, lease);
    let isActed = false;
    return carryOut({
      changes: kafka.changes,
      state,
      clock: kafka.clock,
      signal: new AbortController().signal,
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
  return { folder, path, kafka, state, lose, whileMoving, throttled };
}

test('a lease that is lost in the middle of a wave stops the change as a fault does, and it can be resumed', async () => {
  const { folder, path, kafka, lose, whileMoving, throttled } = await begin();
  await using _ = folder;
  const fault = await whileMoving(async () => void lose());
  expect(fault).toMatchObject({ code: 'change-stopped' });
  expect(fault?.message).toContain('the change stopped: this process no longer holds the lease: bob took it over.');
  expect(kafka.moving.size).toBe(0);
  expect(throttled()).toBe(0);
  const left = await readJournal(path, ReassignFacts);
  expect(left).toMatchObject({ status: 'running', borrowed: [] });
  expect(left?.leaseId).toBeUndefined();
});

test('where the new owner goes on with the same change, its state, moves and throttle stay', async () => {
  const { folder, path, kafka, state, lose, whileMoving, throttled } = await begin();
  await using _ = folder;
  let theirs: ReassignJournal | undefined;
  const fault = await whileMoving(async () => {
    theirs = { ...structuredClone(state), leaseId: 'theirs' };
    await saveJournal(path, theirs);
    lose();
  });
  expect(fault).toMatchObject({ code: 'change-under-way' });
  expect(fault?.message).toContain('the new owner continues this change');
  expect(await readJournal(path, ReassignFacts)).toEqual(theirs);
  expect(kafka.moving.size).toBeGreaterThan(0);
  expect(throttled()).toBeGreaterThan(0);
});

test('a request is read while the lease is held, and gone when cleared', async () => {
  const { folder, path, state } = await begin();
  await using _ = folder;
  const held = { id: 'ours', isLost: () => false, check: () => undefined };
  await writeRequest(path, 'pause');
  const { request } = await takeJournal(path, state, held);
  expect(await request()).toBe('pause');
  await clearRequest(path);
  expect(await request()).toBeUndefined();
});
