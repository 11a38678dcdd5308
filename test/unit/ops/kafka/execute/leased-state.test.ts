// Does a reassignment stop when its lease is lost, so that it can go on, and leave the state of a new owner alone?

import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AppError } from '../../../../../core/errors.ts';
import { carryOut } from '../../../../../ops/kafka/execute/carry-out.ts';
import { leasedState } from '../../../../../ops/kafka/execute/leased-state.ts';
import {
  readState,
  saveState,
  stateFile,
  writeRequest,
  type ReassignState,
} from '../../../../../ops/kafka/execute/reassign-state.ts';
import { pretendKafka } from '../../../../support/pretend-kafka.ts';

const rate = 'leader.replication.throttled.rate';

async function begin() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-leased-'));
  const path = stateFile(folder.path, 'pretend');
  const kafka = pretendKafka([{ topic: 'orders', partition: 0, replicas: [1, 2], bytes: 1000 }], [1, 2, 3]);
  kafka.copySeconds = 3600;
  const state: ReassignState = {
    schemaVersion: 1,
    cluster: 'pretend',
    startedAt: '2026-11-20T00:00:00.000Z',
    status: 'running',
    direction: 'forward',
    original: [{ topic: 'orders', partition: 0, replicas: [1, 2] }],
    target: [{ topic: 'orders', partition: 0, replicas: [3, 2] }],
    leaving: [],
    movesPerBroker: 1,
    throttleBytesPerSecond: 5_000_000,
    borrowed: [],
    checks: {},
    log: [],
    leaseId: 'ours',
  };
  await saveState(path, state);
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
    const leased = leasedState(path, state, lease);
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
  const left = await readState(path);
  expect(left).toMatchObject({ status: 'running', borrowed: [] });
  expect(left?.leaseId).toBeUndefined();
});

test('where the new owner goes on with the same change, its state, moves and throttle stay', async () => {
  const { folder, path, kafka, state, lose, whileMoving, throttled } = await begin();
  await using _ = folder;
  let theirs: ReassignState | undefined;
  const fault = await whileMoving(async () => {
    theirs = { ...structuredClone(state), leaseId: 'theirs' };
    await saveState(path, theirs);
    lose();
  });
  expect(fault).toMatchObject({ code: 'change-under-way' });
  expect(fault?.message).toContain('the new owner goes on with this change');
  expect(await readState(path)).toEqual(theirs);
  expect(kafka.moving.size).toBeGreaterThan(0);
  expect(throttled()).toBeGreaterThan(0);
});

test('a request is read while the lease is held', async () => {
  const { folder, path, state } = await begin();
  await using _ = folder;
  const held = { id: 'ours', isLost: () => false, check: () => undefined };
  await writeRequest(path, 'pause');
  expect(await leasedState(path, state, held).request()).toBe('pause');
});
