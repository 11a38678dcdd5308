import { expect, test } from 'vitest';
import { trendIn } from '../../../../service/readings/rate-trend.ts';
import type { Point } from '../../../../service/readings/ring.ts';

const minute = 60_000;
const points = (values: readonly (number | undefined)[]): Point[] =>
  values.flatMap((mean, index) => (mean === undefined ? [] : [{ atMs: index * minute, mean, max: mean }]));
const now = (values: readonly unknown[]) => values.length * minute;
const trend = (values: readonly (number | undefined)[]) => trendIn(points(values), now(values));
const rising = (count: number, from = 1000) =>
  Array.from({ length: count }, (_, index) => from + 60 * index + (index % 3));

test('a rate that rises by 60 msg/s a minute rises by 1 msg/s a second', () => {
  const found = trend(rising(30));
  expect(found?.tpsPerSecond).toBeCloseTo(1, 1);
  expect(found?.overSeconds).toBe(1800);
});

test('a rate that falls has a negative trend', () => {
  expect(trend(rising(30).toReversed())?.tpsPerSecond).toBeCloseTo(-1, 1);
});

test('a steady rate has none, whether it is noisy or not', () => {
  expect(trend(Array.from({ length: 30 }, () => 1000))).toBeUndefined();
  expect(trend(Array.from({ length: 30 }, (_, index) => 1000 + 100 * Math.sin(index * 2.3)))).toBeUndefined();
});

test('a rise of less than a twentieth has none, however steady it is', () => {
  expect(trend(Array.from({ length: 30 }, (_, index) => 1000 + index))).toBeUndefined();
});

test('only what came after the last gap counts, and ten minutes of it are needed', () => {
  expect(trend([...rising(20), undefined, ...rising(9, 5000)])).toBeUndefined();
  expect(trend([...rising(17).toReversed(), undefined, ...rising(12, 5000)])).toMatchObject({ overSeconds: 720 });
});

test('readings that ended some minutes ago say nothing about now', () => {
  const values = rising(30);
  expect(trendIn(points(values), now(values) + 5 * minute)).toBeUndefined();
});

test('the minute that is not over does not count', () => {
  const values = [...rising(20), 0];
  expect(trendIn(points(values), now(values) - 1)?.overSeconds).toBe(1200);
});
