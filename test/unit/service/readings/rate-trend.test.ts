import { expect, test } from 'vitest';
import { createTrends, trendIn } from '../../../../service/readings/rate-trend.ts';
import { ClusterReadings } from '../../../../service/readings/cluster-readings.ts';
import type { Point } from '../../../../service/readings/ring.ts';

const minute = 60_000;
const points = (values: readonly (number | undefined)[]): Point[] =>
  values.flatMap((mean, index) => (mean === undefined ? [] : [{ atMs: index * minute, mean, max: mean }]));
const now = (values: readonly unknown[]) => values.length * minute;
const trend = (values: readonly (number | undefined)[]) => trendIn(points(values), now(values));
const rising = (count: number, from = 1000) =>
  Array.from({ length: count }, (_, index) => from + 60 * index + (index % 3));

test('a rate that rises by 60 msg/s per minute has a trend of 1 msg/s per second', () => {
  const found = trend(rising(30));
  expect(found?.perSecond).toBeCloseTo(1, 1);
  expect(found?.overSeconds).toBe(1800);
});

test('a falling rate has a negative trend', () => {
  expect(trend(rising(30).toReversed())?.perSecond).toBeCloseTo(-1, 1);
});

test('a steady rate has no trend, noisy or not', () => {
  expect(trend(Array.from({ length: 30 }, () => 1000))).toBeUndefined();
  expect(trend(Array.from({ length: 30 }, (_, index) => 1000 + 100 * Math.sin(index * 2.3)))).toBeUndefined();
});

test('a rise of less than 5% is no trend, however steady it is', () => {
  expect(trend(Array.from({ length: 30 }, (_, index) => 1000 + index))).toBeUndefined();
});

test('only readings after the last gap count, and ten minutes of them are needed', () => {
  expect(trend([...rising(20), undefined, ...rising(9, 5000)])).toBeUndefined();
  expect(trend([...rising(17).toReversed(), undefined, ...rising(12, 5000)])).toMatchObject({ overSeconds: 720 });
});

test('readings that ended some minutes ago give no trend', () => {
  const values = rising(30);
  expect(trendIn(points(values), now(values) + 5 * minute)).toBeUndefined();
});

test('the current, incomplete minute does not count', () => {
  const values = [...rising(20), 0];
  expect(trendIn(points(values), now(values) - 1)?.overSeconds).toBe(1200);
});

test('groups whose lag exceeds a minute and grows are listed, the worst first', () => {
  const kept = new ClusterReadings({ usedBytes: 0, mostBytes: 2 ** 20 });
  const lags: Record<string, (index: number) => number> = {
    slow: (index) => 100 + 8 * index,
    slower: (index) => 100 + 16 * index,
    late: () => 900,
    catching: (index) => 900 - 20 * index,
    short: (index) => index,
    recent: (index) => 5 * index + 1,
  };
  for (let index = 0; index < 20; index++) {
    const readings = Object.entries(lags).map(([name, lag]) => ({
      of: 'group' as const,
      name,
      values: { lagSeconds: lag(index) },
    }));
    kept.add('group', readings, { atMs: index * minute });
  }
  const { laggingGroups = [] } = createTrends({ of: () => kept })('orders', 20 * minute);
  expect(laggingGroups.map(({ group }) => group)).toEqual(['slower', 'slow', 'recent']);
  expect(laggingGroups[0]?.lagSeconds).toBeCloseTo(404, -1);
  expect(laggingGroups[0]?.lagSecondsPerMinute).toBeCloseTo(16, 0);
  // The first group lagged in every reading, so the start of its lag is unknown.
  expect(laggingGroups.map(({ since }) => since)).toEqual([undefined, undefined, '1970-01-01T00:11:00.000Z']);
});

test('a cluster without readings has no trends', () => {
  expect(createTrends({ of: () => undefined })('orders', 0)).toEqual({});
});
