import { expect, test } from 'vitest';
import { AppError } from '../../../../core/errors.ts';
import { seconds } from '../../../../core/units.ts';
import { carryOut } from '../../../../ops/rocketmq/carry-out.ts';
import type { Step } from '../../../../ops/rocketmq/change.ts';
import type { ChangeState } from '../../../../ops/rocketmq/change-state.ts';
import { whileLeased } from '../../../../ops/rocketmq/while-leased.ts';
import { createHandClock } from '../../../support/hand-clock.ts';

test('a change whose lease is lost ends before its next step, in words that name it, and stands where it stood', async () => {
  let isLost = false;
  const lease = {
    check() {
      if (isLost) throw new AppError('lease-lost', 'this process no longer holds the lease of the cluster');
    },
  };
  const ran: string[] = [];
  const stepOf = (id: string): Step<object> => ({
    id,
    by: 'plimsoll',
    says: id,
    pause: seconds(1),
    run: async () => {
      ran.push(id);
      isLost = true;
      return { kind: 'done', evidence: [] };
    },
    undo: { says: 'back', run: async () => [] },
  });
  const state: ChangeState = {
    schemaVersion: 1,
    cluster: 'lab',
    change: 'queues',
    subject: 'orders',
    status: 'running',
    startedAt: '2026-11-20T10:00:00.000Z',
    before: [],
    facts: {},
    steps: [],
  };
  const steps = [stepOf('one'), stepOf('two')].map((step) => whileLeased(step, lease));
  const journey = {
    state,
    facts: {},
    steps,
    clock: createHandClock(),
    signal: new AbortController().signal,
    save: async () => undefined,
    tell: () => undefined,
  };
  await expect(carryOut(journey, seconds(10))).rejects.toMatchObject({
    code: 'lease-lost',
    message: 'queues of orders stopped in two: this process no longer holds the lease of the cluster',
  });
  expect(ran).toEqual(['one']);
  expect(state).toMatchObject({
    status: 'running',
    steps: [{ id: 'one', doneAt: expect.any(String) as string }, { id: 'two' }],
  });
  await expect(steps[0]?.undo?.run({ signal: journey.signal })).rejects.toMatchObject({ code: 'lease-lost' });
});
