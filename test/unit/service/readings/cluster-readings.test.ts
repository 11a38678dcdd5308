import { expect, test } from 'vitest';
import { bytesPerCluster, ClusterReadings, mostOf } from '../../../../service/readings/cluster-readings.ts';
import type { PartReading } from '../../../../service/readings/figures.ts';
import { bytesPerSeries } from '../../../../service/readings/ring.ts';

const startMs = Date.UTC(2026, 10, 22);
const topicsOf = (rates: Readonly<Record<string, number>>): PartReading<'topic'>[] =>
  Object.entries(rates).map(([name, produceTps]) => ({
    of: 'topic',
    name,
    values: { produceTps },
    weight: produceTps,
  }));
const many = (count: number, rate = 100) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`topic-${index}`, rate + index]));
const budget = (mostBytes = Infinity) => ({ usedBytes: 0, mostBytes });

test('above the limit the topics with the most messages are kept, and the others are counted', () => {
  const readings = new ClusterReadings(budget());
  readings.add('topic', topicsOf(many(mostOf.topic + 5)), { atMs: startMs });
  expect(readings.names('topic')).toHaveLength(mostOf.topic);
  expect(readings.names('topic')).not.toContain('topic-4');
  expect(readings.leftOut.topic).toBe(5);
});

test('a topic replaces another only if it has more than twice its messages', () => {
  const readings = new ClusterReadings(budget());
  readings.add('topic', topicsOf(many(mostOf.topic)), { atMs: startMs });
  readings.add('topic', topicsOf({ ...many(mostOf.topic), grown: 190 }), { atMs: startMs + 15_000 });
  expect(readings.names('topic')).not.toContain('grown');
  readings.add('topic', topicsOf({ ...many(mostOf.topic), grown: 210 }), { atMs: startMs + 30_000 });
  expect(readings.names('topic')).toContain('grown');
  expect(readings.names('topic')).not.toContain('topic-0');
  expect(readings.leftOut.topic).toBe(1);
});

test('a cluster never exceeds its budget, whatever parts it has', () => {
  const shared = budget();
  const readings = new ClusterReadings(shared);
  const brokers = Array.from({ length: 300 }, (_, id): PartReading<'broker'> => ({
    of: 'broker',
    name: String(id),
    values: {
      produceTps: 1,
      cpuRatio: 0.1,
      networkInRatio: 0.1,
      networkOutRatio: 0.1,
      diskIoRatio: 0.1,
      diskSpaceRatio: 0.1,
      heapRatio: 0.1,
    },
  }));
  readings.add('broker', brokers, { atMs: startMs });
  expect(readings.bytes).toBeGreaterThan(bytesPerCluster - bytesPerSeries);
  expect(readings.bytes).toBeLessThanOrEqual(bytesPerCluster);
  expect(shared.usedBytes).toBe(readings.bytes);
  expect(readings.leftOut.broker).toBeGreaterThan(100);
});

test('when the shared budget is used up, further series are left out and counted', () => {
  const shared = budget(3 * bytesPerSeries);
  const [first, second] = [new ClusterReadings(shared), new ClusterReadings(shared)];
  first.add('topic', topicsOf(many(2)), { atMs: startMs });
  second.add('topic', topicsOf(many(2)), { atMs: startMs });
  expect([first.bytes, second.bytes, shared.usedBytes]).toEqual([2, 1, 3].map((count) => count * bytesPerSeries));
  expect([first.leftOut.topic, second.leftOut.topic]).toEqual([0, 1]);
  first.clear();
  second.add('topic', topicsOf(many(2)), { atMs: startMs + 15_000 });
  expect(second.leftOut.topic).toBe(0);
});

test('a topic without readings for a day frees its bytes', () => {
  const readings = new ClusterReadings(budget());
  readings.add('topic', topicsOf({ gone: 10, here: 10 }), { atMs: startMs });
  readings.add('topic', topicsOf({ here: 10 }), { atMs: startMs + 80_000_000 });
  readings.add('topic', topicsOf({ here: 10 }), { atMs: startMs + 86_500_000 });
  expect(readings.names('topic')).toEqual(['here']);
  expect(readings.bytes).toBe(bytesPerSeries);
});
