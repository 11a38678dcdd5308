import { expect, test } from 'vitest';
import {
  messagesBetween,
  partitionsBetween,
  usualTraffic,
  type LiveReading,
} from '../../../../app/redline/live-traffic.ts';

const reading = (atSeconds: number, ends: Record<string, bigint>, leader = '2'): LiveReading => ({
  atSeconds,
  ends: new Map(Object.entries(ends)),
  metadata: {
    brokers: [],
    topics: ['orders', '__consumer_offsets'].map((name) => ({
      name,
      internal: name.startsWith('__'),
      partitions: [
        { topic: name, partition: 0, replicas: ['1', '2'], inSyncReplicas: ['2'], leader },
        { topic: name, partition: 1, replicas: ['1', '2'], inSyncReplicas: ['1', '2'] },
      ],
    })),
  },
});

test('counts messages by offsets; a topic that was created again has none', () => {
  const messages = messagesBetween(
    reading(0, { 'orders-0': 10n, 'orders-1': 9n }),
    reading(1, { 'orders-0': 25n, 'orders-1': 2n, 'new-0': 5n }),
  );
  expect([...messages]).toEqual([['orders-0', 15]]);
});

test('rates are of the time between two readings, leaders those of the later one', () => {
  const only = (topic: string) => topic === 'orders';
  const partitions = partitionsBetween(reading(1, { 'orders-0': 10n }, '1'), reading(3, { 'orders-0': 30n }), only);
  expect(partitions).toEqual([
    { topic: 'orders', partition: 0, replicas: [1, 2], inSync: [2], leader: 2, messagesPerSecond: 10 },
    { topic: 'orders', partition: 1, replicas: [1, 2], inSync: [1, 2], messagesPerSecond: 0 },
  ]);
});

test.each([
  ['nothing before the first step', [], 0, 0],
  ['the step before, while traffic falls slowly', [200, 196, 192], 192, 192],
  // Measured: the producer paused in the second step, which did not count, and sent the rest in the third.
  ['the mean after a pause and what was sent late', [200, 180, 219], 219, 599 / 3],
])('a step is compared with %s', (_, totals, before, usual) => {
  expect(usualTraffic(totals, before)).toBeCloseTo(usual, 9);
});
