import { expect, test } from 'vitest';
import { AppError } from '../../../../../core/errors.ts';
import { carryOut } from '../../../../../ops/change/carry-out.ts';
import { newJournal } from '../../../../../ops/change/journal.ts';
import {
  listsReplicas,
  undoSteps,
  visibleChange,
  visibleText,
} from '../../../../../ops/kafka/execute/visible-change.ts';
import { pretendKafka, type Pretend } from '../../../../support/pretend-kafka.ts';

const io = { signal: new AbortController().signal };
const rate = 'leader.replication.throttled.rate';

/** State of a reassignment that was killed during a wave, on a machine that no longer exists. */
function left(): Pretend {
  const pretend = pretendKafka([{ topic: 'orders', partition: 0, replicas: [1, 2], bytes: 1000 }], [1, 2, 3]);
  pretend.copySeconds = 3600;
  pretend.moving.set('orders-0', { target: [3, 2], adding: [3], begun: pretend.clock.monotonic() });
  pretend.settings.set('broker 1', new Map([[rate, '5000000']]));
  pretend.settings.set(
    'topic orders',
    new Map([
      ['leader.replication.throttled.replicas', '0:1'],
      ['retention.ms', '3600000'],
    ]),
  );
  return pretend;
}

async function undo({ changes, clock }: Pretend) {
  const visible = await visibleChange(changes, io);
  const names = { cluster: 'pretend', change: 'reassign --abort', subject: 'cluster', facts: {} };
  return carryOut({
    journal: newJournal(names, clock.now()),
    steps: undoSteps(changes, visible, clock),
    clock,
    ...io,
    save: async () => undefined,
    check: async () => undefined,
    tell: () => undefined,
  });
}

test('lists moves, throttles, throttled topics, and a retention that may have been shortened', async () => {
  expect(visibleText(await visibleChange(left().changes, io))).toEqual([
    'cancel the move of orders-0 to broker 3',
    `remove ${rate}=5000000 of broker 1`,
    'remove leader.replication.throttled.replicas=0:1 of topic orders',
    'retention.ms=3600000 is set on these topics and is not changed here: orders; check whether an earlier change shortened it',
  ]);
});

test('lists the shortened retention of topics that do not move yet, and between two waves', async () => {
  const topics = ['orders', 'payments', 'users'];
  const pretend = pretendKafka(
    topics.map((topic) => ({ topic, partition: 0, replicas: [1, 2], bytes: 1000 })),
    [1, 2, 3],
  );
  const shortened = () => new Map([['retention.ms', '7200000']]);
  for (const topic of topics.slice(0, 2)) pretend.settings.set(`topic ${topic}`, shortened());
  expect(visibleText(await visibleChange(pretend.changes, io))).toEqual([
    'retention.ms=7200000 is set on these topics and is not changed here: orders, payments; check whether an earlier change shortened it',
  ]);
});

test('distinguishes the throttle of a reassignment from a permanent one', async () => {
  const pretend = left();
  const isLeft = async () => (await visibleChange(pretend.changes, io)).throttles.some(listsReplicas);
  expect(await isLeft()).toBe(true);
  pretend.settings.set('topic orders', new Map([['leader.replication.throttled.replicas', '*']]));
  expect(await isLeft()).toBe(false);
  pretend.settings.delete('topic orders');
  expect(await isLeft()).toBe(false);
});

test('cancels moves before it removes throttles, and changes nothing else', async () => {
  const pretend = left();
  const { alterSettings } = pretend.changes;
  pretend.changes.alterSettings = async (...of) => {
    expect(pretend.moving.size).toBe(0);
    await alterSettings(...of);
  };
  expect(await undo(pretend)).toEqual({ kind: 'done' });
  expect(pretend.replicasOf()).toEqual([[1, 2]]);
  expect([...pretend.settings].flatMap(([, own]) => [...own])).toEqual([['retention.ms', '3600000']]);
});

test('a move that the controller does not cancel keeps its throttle', async () => {
  const pretend = left();
  pretend.changes.reassign = async () => [{ topic: 'orders', partition: 0, reason: 'CLUSTER_AUTHORIZATION_FAILED' }];
  await expect(undo(pretend)).rejects.toThrow('the move of orders-0: CLUSTER_AUTHORIZATION_FAILED');
  expect(pretend.settings.get('broker 1')?.get(rate)).toBe('5000000');
});

test('reports a throttle that is still set after its removal', async () => {
  const pretend = left();
  pretend.changes.alterSettings = async () => undefined;
  const fault = await undo(pretend).catch((cause: unknown) => cause);
  expect(fault).toBeInstanceOf(AppError);
  expect((fault as AppError).message).toContain(`throttles are still set: ${rate} of broker 1`);
});
