import { expect, test } from 'vitest';
import { trustOf } from '../../../core/trust.ts';

test('the confidence is untested without grades, and with only two', () => {
  expect(trustOf({ graded: 0, held: 0 })).toEqual({ graded: 0, held: 0, level: 'untested' });
  expect(trustOf({ graded: 2, held: 2 }).level).toBe('untested');
});

test.each([
  [4, 4, 'fair'],
  [10, 10, 'proven'],
  [10, 8, 'fair'],
  [10, 5, 'doubtful'],
  [100, 90, 'proven'],
] as const)('with %i graded and %i correct, the confidence is %s', (graded, held, level) =>
  expect(trustOf({ graded, held }).level).toBe(level),
);

test.each([
  [10, 8],
  [40, 13],
])('the interval bounds for %i graded and %i correct are 1.2816 standard deviations away', (graded, held) => {
  const { share } = trustOf({ graded, held });
  for (const end of [share?.low, share?.high] as number[]) {
    expect(Math.abs(held / graded - end) / Math.sqrt((end * (1 - end)) / graded)).toBeCloseTo(1.2816, 6);
  }
});
