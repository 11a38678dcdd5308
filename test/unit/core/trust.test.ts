import { expect, test } from 'vitest';
import { trustOf } from '../../../core/trust.ts';

test('nothing graded has no share, and two that held are luck', () => {
  expect(trustOf({ graded: 0, held: 0 })).toEqual({ graded: 0, held: 0, level: 'untested' });
  expect(trustOf({ graded: 2, held: 2 }).level).toBe('untested');
});

test.each([
  [4, 4, 'fair'],
  [10, 10, 'proven'],
  [10, 8, 'fair'],
  [10, 5, 'doubtful'],
  [100, 90, 'proven'],
] as const)('of %i graded %i held: %s', (graded, held, level) => expect(trustOf({ graded, held }).level).toBe(level));

test.each([
  [10, 8],
  [40, 13],
])('the ends for %i and %i are the shares that lie 1.2816 deviations away', (graded, held) => {
  const { share } = trustOf({ graded, held });
  for (const end of [share?.low, share?.high] as number[]) {
    expect(Math.abs(held / graded - end) / Math.sqrt((end * (1 - end)) / graded)).toBeCloseTo(1.2816, 6);
  }
});
