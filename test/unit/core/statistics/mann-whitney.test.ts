import { expect, test } from 'vitest';
import { leastProbability, mannWhitney } from '../../../../core/statistics/two-samples.ts';

test('returns the exact probability of a textbook case without ties', () => {
  // U = 2 for 4 and 5 values: 2 * 4 / 126 sets are at least as extreme (Mann and Whitney 1947, table I).
  expect(mannWhitney([1, 2, 3, 6], [4, 5, 7, 8, 9])).toBeCloseTo(8 / 126, 10);
});

test('samples without overlap have the minimum probability', () => {
  expect(mannWhitney([1, 2, 3, 4], [5, 6, 7, 8])).toBeCloseTo(leastProbability(4, 4), 12);
  expect(leastProbability(4, 4)).toBeCloseTo(2 / 70, 12);
});

test('ties share their ranks', () => {
  // Of the 10 ways to distribute the ranks 1.5 1.5 3 4.5 4.5 to two and three values, 2 are at least as extreme as {1.5, 1.5}.
  expect(mannWhitney([1, 1], [2, 3, 3])).toBeCloseTo(2 / 10, 10);
  expect(mannWhitney([5, 5, 5], [5, 5])).toBe(1);
});

test('an empty sample has a probability of 1', () => expect(mannWhitney([], [1, 2])).toBe(1));

test('above 25 values the approximation is close to the exact probability', () => {
  const a = Array.from({ length: 25 }, (_, index) => index);
  const b = a.map((value) => value + 7.5);
  const exact = mannWhitney(a, b);
  const approximate = mannWhitney([...a, 12], [...b, 19.5]);
  expect(exact / approximate).toBeGreaterThan(0.7);
  expect(exact / approximate).toBeLessThan(1.5);
});
