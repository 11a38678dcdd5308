import { expect, test } from 'vitest';
import { partitionsBetween } from '../../../../../ops/kafka/redline/live-partitions.ts';

const reading = (atSeconds: number, ends: Record<string, bigint>) => ({
  atSeconds,
  ends: new Map(Object.entries(ends)),
});

test('rates are of the time between two readings, leaders those of the later one', () => {
  const partitions = partitionsBetween(reading(1, { 'orders-0': 10n }), reading(3, { 'orders-0': 30n }), [
    { topic: 'orders', partition: 0, replicas: ['1', '2'], inSyncReplicas: ['2'], leader: '2' },
    { topic: 'orders', partition: 1, replicas: ['1', '2'], inSyncReplicas: ['1', '2'] },
  ]);
  expect(partitions).toEqual([
    { topic: 'orders', partition: 0, replicas: [1, 2], inSync: [2], leader: 2, messagesPerSecond: 10 },
    { topic: 'orders', partition: 1, replicas: [1, 2], inSync: [1, 2], messagesPerSecond: 0 },
  ]);
});
