import { expect, test } from 'vitest';
import { isDrifting, isGrowing, warmUpCut } from '../../../../../analyzer/verdict/steps/steady-state.ts';
import { trendOf } from '../../../../../core/statistics/trend.ts';

const flat = (length: number) => Array.from({ length }, (_, second) => 1000 + (second % 3));

test('cuts the seconds before the rate is reached', () => {
  const series = [...Array.from({ length: 15 }, (_, second) => 200 + 50 * second), ...flat(85)];
  expect(warmUpCut(series)).toBe(15);
});

test('does not cut a short series, since it has too few batches', () =>
  expect(warmUpCut([0, 0, 0, ...flat(30)])).toBe(0));

test('cuts at most half of the series', () => {
  const falling = Array.from({ length: 100 }, (_, second) => 1e6 / (second + 1));
  expect(warmUpCut(falling)).toBeLessThanOrEqual(50);
});

test('a constant rate does not drift', () => expect(isDrifting(flat(20), 0.05)).toBe(false));

test('a rate that falls by 10% drifts', () => {
  const falling = Array.from({ length: 20 }, (_, second) => 1000 - 5 * second + (second % 2));
  expect(isDrifting(falling, 0.05)).toBe(true);
});

test('a backlog that oscillates does not count as growing', () => {
  expect(isGrowing([0, 300, 10, 280, 5, 310, 0, 290], 20)).toBe(false);
});

test('a backlog that grows slowly is tolerated', () => {
  expect(
    isGrowing(
      Array.from({ length: 20 }, (_, second) => second),
      20,
    ),
  ).toBe(false);
});

test('a backlog that grows fast counts as growing', () => {
  expect(
    isGrowing(
      Array.from({ length: 20 }, (_, second) => 50 * second),
      20,
    ),
  ).toBe(true);
});

test('the Mann-Kendall test matches a calculation by hand', () => {
  // Of the 10 pairs of 1 3 2 5 4, eight rise and two fall: S = 6, variance 5·4·15 / 18, z = 5 / 4.082.
  expect(trendOf([1, 3, 2, 5, 4])?.probability).toBeCloseTo(0.2207, 3);
  expect(trendOf([1, 3, 2, 5, 4])?.slope).toBeCloseTo(0.875, 3);
});

test('four samples have no trend', () => expect(trendOf([1, 2, 3, 4])).toBeUndefined());
