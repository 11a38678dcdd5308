import { expect, test } from 'vitest';
import { isDrifting, isGrowing, warmUpCut } from '../../../../../analyzer/verdict/steps/steady-state.ts';
import { trendOf } from '../../../../../core/statistics/trend.ts';

const flat = (length: number) => Array.from({ length }, (_, second) => 1000 + (second % 3));

test('the seconds before a rate is reached are cut', () => {
  const series = [...Array.from({ length: 15 }, (_, second) => 200 + 50 * second), ...flat(85)];
  expect(warmUpCut(series)).toBe(15);
});

test('a short series is not cut: its batches are too few', () => expect(warmUpCut([0, 0, 0, ...flat(30)])).toBe(0));

test('never more than half is cut', () => {
  const falling = Array.from({ length: 100 }, (_, second) => 1e6 / (second + 1));
  expect(warmUpCut(falling)).toBeLessThanOrEqual(50);
});

test('a level rate does not drift', () => expect(isDrifting(flat(20), 0.05)).toBe(false));

test('a rate that falls by a tenth drifts', () => {
  const falling = Array.from({ length: 20 }, (_, second) => 1000 - 5 * second + (second % 2));
  expect(isDrifting(falling, 0.05)).toBe(true);
});

test('a backlog that swings is no growing one', () => {
  expect(isGrowing([0, 300, 10, 280, 5, 310, 0, 290], 20)).toBe(false);
});

test('a backlog that grows slowly is within what is allowed', () => {
  expect(
    isGrowing(
      Array.from({ length: 20 }, (_, second) => second),
      20,
    ),
  ).toBe(false);
});

test('a backlog that grows fast is growing', () => {
  expect(
    isGrowing(
      Array.from({ length: 20 }, (_, second) => 50 * second),
      20,
    ),
  ).toBe(true);
});

test('Mann and Kendall agree with a hand calculation', () => {
  // Of the 10 pairs of 1 3 2 5 4 eight rise and two fall: S = 6, variance 5·4·15 / 18, z = 5 / 4.082.
  expect(trendOf([1, 3, 2, 5, 4])?.probability).toBeCloseTo(0.2207, 3);
  expect(trendOf([1, 3, 2, 5, 4])?.slope).toBeCloseTo(0.875, 3);
});

test('four samples have no trend', () => expect(trendOf([1, 2, 3, 4])).toBeUndefined());
