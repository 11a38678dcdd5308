import { expect, test } from 'vitest';
import { leastProbability, mannWhitney } from '../../../../core/statistics/mann-whitney.ts';

test('gives the exact probability of a textbook case without ties', () => {
  // U = 2 of 4 and 5: 2 * 4 / 126 sets are as far out or farther (Mann and Whitney 1947, table I).
  expect(mannWhitney([1, 2, 3, 6], [4, 5, 7, 8, 9])).toBeCloseTo(8 / 126, 10);
});

test('samples that do not overlap have the least probability there is', () => {
  expect(mannWhitney([1, 2, 3, 4], [5, 6, 7, 8])).toBeCloseTo(leastProbability(4, 4), 12);
  expect(leastProbability(4, 4)).toBeCloseTo(2 / 70, 12);
});

test('counts ties as what they are', () => {
  // Of the 10 ways to deal the ranks 1.5 1.5 3 4.5 4.5 to two and three, 2 are as far out as {1.5, 1.5}.
  expect(mannWhitney([1, 1], [2, 3, 3])).toBeCloseTo(2 / 10, 10);
  expect(mannWhitney([5, 5, 5], [5, 5])).toBe(1);
});

test('nothing against something says nothing', () => expect(mannWhitney([], [1, 2])).toBe(1));

test('above 25 values the approximation goes on where the exact count ends', () => {
  const a = Array.from({ length: 25 }, (_, index) => index);
  const b = a.map((value) => value + 7.5);
  const exact = mannWhitney(a, b);
  const approximate = mannWhitney([...a, 12], [...b, 19.5]);
  expect(exact / approximate).toBeGreaterThan(0.7);
  expect(exact / approximate).toBeLessThan(1.5);
});
