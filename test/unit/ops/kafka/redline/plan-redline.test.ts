import { expect, test } from 'vitest';
import { messagesPerSecond } from '../../../../../core/units.ts';
import { planRedline } from '../../../../support/planned-moves.ts';
import {
  isMovable,
  ledBy,
  nextRedlineStep,
  type RedlineAsk,
  type RedlinePartition,
} from '../../../../../ops/kafka/redline/plan-redline.ts';

const partition = (number: number, over: Partial<RedlinePartition> = {}): RedlinePartition => ({
  topic: 'orders',
  partition: number,
  replicas: [2, 1, 3],
  inSync: [1, 2, 3],
  leader: 2,
  messagesPerSecond: messagesPerSecond(10),
  ...over,
});

/** Sixty partitions, each broker leads twenty. */
const even = Array.from({ length: 60 }, (_, number) =>
  partition(number, {
    leader: (number % 3) + 1,
    replicas: [(number % 3) + 1, ((number + 1) % 3) + 1, ((number + 2) % 3) + 1],
  }),
);
const ask = (over: Partial<RedlineAsk> = {}): RedlineAsk => ({
  broker: 1,
  partitions: even,
  mayMove: () => true,
  stepShare: 0.05,
  movesLeft: 1000,
  ...over,
});
const kindOf = (over: Partial<RedlineAsk>) => {
  const next = nextRedlineStep(ask(over));
  return next.kind === 'step' ? next.step.ledTps : next.end;
};

test('raises the led rate by 5% per step until the broker leads every partition', () => {
  const { steps, end } = planRedline(ask());
  expect(steps.slice(0, 3).map(({ ledTps }) => ledTps)).toEqual([210, 220, 230]);
  expect(steps.at(-1)?.ledTps).toBe(600);
  expect(end).toBe('no-partitions');
});

test('moves more partitions per step as the broker leads more', () => {
  const { steps } = planRedline(ask({ stepShare: 0.1 }));
  expect(steps[0]?.moves).toHaveLength(2);
  expect(steps.at(-2)?.moves.length).toBeGreaterThan(3);
});

test('never plans a rate above the limit, and stops when no partition fits below it', () => {
  const { steps, end } = planRedline(ask({ mostTps: 255 }));
  expect(steps.at(-1)?.ledTps).toBe(250);
  expect(end).toBe('limit');
});

test('plans no step for a broker at or above its limit', () => {
  expect(kindOf({ mostTps: 200 })).toBe('limit');
  expect(kindOf({ mostTps: 0 })).toBe('limit');
});

test('counts two moves for each partition: to the broker and back', () => {
  const { steps, end } = planRedline(ask({ movesLeft: 5 }));
  expect(steps.flatMap(({ moves }) => moves)).toHaveLength(2);
  expect(end).toBe('budget');
  expect(kindOf({ movesLeft: 1 })).toBe('budget');
});

test('skips partitions whose replica on the broker is missing or not in sync', () => {
  expect(isMovable(partition(0, { inSync: [2, 3] }), 1)).toBe(false);
  expect(isMovable(partition(0, { replicas: [2, 3], inSync: [2, 3] }), 1)).toBe(false);
  expect(kindOf({ partitions: [partition(0, { inSync: [2] }), partition(1, { leader: 1 })] })).toBe('no-partitions');
});

test('skips internal topics, and partitions without a leader or without messages', () => {
  expect(isMovable(partition(0, { topic: '__consumer_offsets' }), 1)).toBe(false);
  const { leader: _, ...headless } = partition(0);
  expect(isMovable(headless, 1)).toBe(false);
  expect(isMovable(partition(0, { messagesPerSecond: messagesPerSecond(0) }), 1)).toBe(false);
});

test('a cluster with one broker has no partition to move', () => {
  const alone = even.map((each) => ({ ...each, replicas: [1], inSync: [1], leader: 1 }));
  expect(kindOf({ partitions: alone })).toBe('no-partitions');
});

test('a broker that leads nothing starts with a share of what the others lead', () => {
  const partitions = even.map((each) => ({ ...each, leader: each.leader === 1 ? 2 : (each.leader ?? 2) }));
  expect(ledBy(partitions, 1)).toBe(0);
  expect(kindOf({ partitions })).toBe(10);
});

test('a partition larger than a step is a step alone, and the smallest of these comes first', () => {
  const partitions = [
    partition(0, { leader: 1, messagesPerSecond: messagesPerSecond(100) }),
    partition(1, { messagesPerSecond: messagesPerSecond(50) }),
    partition(2, { messagesPerSecond: messagesPerSecond(30) }),
  ];
  expect(kindOf({ partitions })).toBe(130);
  expect(kindOf({ partitions, mostTps: 120 })).toBe('limit');
});

test('moves topics in the proportions of the cluster', () => {
  const mixed = [
    ...even,
    ...Array.from({ length: 60 }, (_, number) =>
      partition(number, { topic: 'payments', leader: (number % 3) + 1, messagesPerSecond: messagesPerSecond(5) }),
    ),
  ];
  const { steps } = planRedline(ask({ partitions: mixed, mostTps: 500 }));
  const moved = steps.flatMap(({ moves }) => moves);
  const rateOf = (topic: string) =>
    moved.filter((each) => each.topic === topic).reduce((sum, each) => sum + each.messagesPerSecond, 0);
  expect(rateOf('orders') / rateOf('payments')).toBeGreaterThan(1.6);
  expect(rateOf('orders') / rateOf('payments')).toBeLessThan(2.5);
});
