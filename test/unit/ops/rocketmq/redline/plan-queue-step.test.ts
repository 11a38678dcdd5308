import { expect, test } from 'vitest';
import {
  gainOfQueue,
  nextQueues,
  rateOfBroker,
  type RedlineTopic,
} from '../../../../../ops/rocketmq/redline/plan-queue-step.ts';

/** Eight queues on each of two brokers, 100 messages per second. */
const topic = (over: Partial<RedlineTopic> = {}): RedlineTopic => ({
  topic: 'orders',
  ownQueues: 8,
  allQueues: 16,
  ownTps: 50,
  allTps: 100,
  canGrow: true,
  ...over,
});
const next = (topics: readonly RedlineTopic[], over: { movesLeft?: number; mostTps?: number } = {}) =>
  nextQueues(topics, 2, { stepShare: 0.05, movesLeft: 1000, ...over });
const grownOf = (...words: Parameters<typeof next>) => {
  const found = next(...words);
  return found.kind === 'step' ? found.grown.map(({ topic: name, to }) => `${name} ${to}`) : found.end;
};

test('an additional queue receives as much as every other queue: q/Q of the messages go to the broker', () => {
  expect(50 + gainOfQueue(topic())).toBeCloseTo((100 * 9) / 17, 9);
  const found = next([topic()]);
  expect(found.kind === 'step' && rateOfBroker(found.after)).toBeCloseTo((100 * 9) / 17, 9);
});

test('for messages that are not spread over queues, the gain is a share of what other brokers receive', () => {
  expect(gainOfQueue(topic({ ownTps: 80 }))).toBeCloseTo(20 / 17, 9);
});

test('a step is the number of queues whose gain is nearest to its share', () => {
  expect(grownOf([topic()])).toEqual(['orders 9']);
  const fine = topic({ ownQueues: 64, allQueues: 128 });
  const found = next([fine]);
  expect(found.kind === 'step' && rateOfBroker(found.after) / 50).toBeCloseTo(1.05, 2);
});

test('the smallest step is one queue, however much it adds', () => {
  expect(grownOf([topic({ ownQueues: 2, allQueues: 4 })])).toEqual(['orders 3']);
});

test('no step exceeds the limit', () => {
  expect(grownOf([topic()], { mostTps: 52 })).toBe('limit');
  expect(grownOf([topic()], { mostTps: 40 })).toBe('limit');
  expect(grownOf([topic()], { mostTps: 53 })).toEqual(['orders 9']);
});

test('the budget counts each queue twice: added and removed', () => {
  expect(grownOf([topic()], { movesLeft: 1 })).toBe('budget');
  const fine = topic({ ownQueues: 64, allQueues: 128 });
  expect(grownOf([fine], { movesLeft: 4 })).toEqual(['orders 66']);
});

test('skips topics that may not change and topics that only this broker has', () => {
  expect(grownOf([topic({ canGrow: false })])).toBe('no-partitions');
  expect(grownOf([topic({ ownQueues: 16, ownTps: 100 })])).toBe('no-partitions');
  const rounded = topic({ ownQueues: 44, allQueues: 44, ownTps: (246.31 * 44) / 44, allTps: 246.31 });
  expect(rounded.ownTps).toBeLessThan(rounded.allTps);
  expect(grownOf([rounded])).toBe('no-partitions');
});

test('the mix of topics stays close to that of the cluster', () => {
  let topics = [
    topic({ ownQueues: 32, allQueues: 64, ownTps: 500, allTps: 1000 }),
    topic({ topic: 'payments', ownQueues: 32, allQueues: 64, ownTps: 250, allTps: 500 }),
  ];
  for (let step = 0; step < 8; step += 1) {
    const found = next(topics);
    if (found.kind === 'end') throw new Error(found.end);
    topics = found.after;
  }
  const [orders, payments] = topics.map(({ ownTps }) => ownTps) as [number, number];
  expect(orders / payments).toBeGreaterThan(1.9);
  expect(orders / payments).toBeLessThan(2.1);
});
