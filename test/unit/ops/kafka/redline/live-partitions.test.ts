import { expect, test } from 'vitest';
import { partitionsBetween, readLive } from '../../../../../ops/kafka/redline/kafka-redline.ts';
import { systemClock } from '../../../../../core/clock.ts';
import { layoutChange, type LiveLoad } from '../../../../../ops/redline/live-load.ts';

const reading = (atSeconds: number, ends: Record<string, bigint>) => ({
  atSeconds,
  ends: new Map(Object.entries(ends)),
});

test('computes rates between two readings, and uses the leaders of the later one', () => {
  const partitions = partitionsBetween(reading(1, { 'orders-0': 10n }), reading(3, { 'orders-0': 30n }), [
    { topic: 'orders', partition: 0, replicas: ['1', '2'], inSyncReplicas: ['2'], leader: '2' },
    { topic: 'orders', partition: 1, replicas: ['1', '2'], inSyncReplicas: ['1', '2'] },
  ]);
  expect(partitions).toEqual([
    { topic: 'orders', partition: 0, replicas: [1, 2], inSync: [2], leader: 2, messagesPerSecond: 10 },
    { topic: 'orders', partition: 1, replicas: [1, 2], inSync: [1, 2], messagesPerSecond: 0 },
  ]);
});

test('replicas that others changed are a changed layout, even with the same leader', async () => {
  const io = { signal: new AbortController().signal };
  const read = (replicas: string[]) => {
    const partition = { topic: 'orders', partition: 0, replicas, inSyncReplicas: replicas, leader: '1' };
    const changes = {
      describe: async () => ({ topics: [{ name: 'orders', internal: false, partitions: [partition] }], brokers: [] }),
      offsetsAt: async () => [{ topic: 'orders', partition: 0, offset: 5n }],
    };
    return readLive(changes, { only: () => true, clock: systemClock, loadOf: () => ({}) as LiveLoad }, io);
  };
  const { layout } = await read(['1', '2']);
  expect(layoutChange(layout, await read(['1', '2']))).toBeUndefined();
  expect(layoutChange(layout, await read(['1', '3']))).toBe(
    'orders-0 is led by broker 1 (replicas 1,3), not changed by this redline',
  );
});
