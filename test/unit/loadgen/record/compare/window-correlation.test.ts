import { expect, test } from 'vitest';
import { neighbourCorrelation } from '../../../../../loadgen/record/compare/compare-runs.ts';

test('drifting values are correlated with their neighbours, and alternating values are not', () => {
  const count = Array.from({ length: 30 }, (_, index) => index);
  expect(neighbourCorrelation(count)).toBeGreaterThan(0.9);
  expect(neighbourCorrelation(count.map((index) => index % 2))).toBeLessThan(-0.9);
});

test('too few or constant values have no correlation', () => {
  expect(neighbourCorrelation([1, 2, 3, 4, 5])).toBeUndefined();
  expect(neighbourCorrelation([7, 7, 7, 7, 7, 7])).toBeUndefined();
});
