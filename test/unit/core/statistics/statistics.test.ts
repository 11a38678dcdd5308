import { describe, expect, test } from 'vitest';
import { largest, meanInterval, quantile, studentT } from '../../../../core/statistics/statistics.ts';

describe('a quantile', () => {
  test('is an element of the samples, never rounded down', () => {
    const samples = Array.from({ length: 200 }, (_, index) => index + 1);
    expect(quantile(samples, 0.99)).toBe(198);
    expect(quantile([3, 1, 2], 0.99)).toBe(3);
  });
});

test('finds the largest of 200,000 samples, and nothing in an empty list', () => {
  const samples = Array.from({ length: 200_000 }, (_, index) => (index === 70_000 ? 9 : index % 5));
  expect([largest(samples), largest([])]).toEqual([9, undefined]);
});

test("quantiles of Student's t match printed tables", () => {
  expect(studentT(0.95, 3)).toBeCloseTo(3.182, 3);
  expect(studentT(0.95, 23)).toBeCloseTo(2.069, 3);
});

describe('the interval of a mean', () => {
  const width = (series: readonly number[]) => {
    const { low = 0, high = 0 } = meanInterval(series, 0.95) ?? {};
    return high - low;
  };
  const alternating = Array.from({ length: 40 }, (_, second) => (second % 2 === 0 ? 900 : 1100));
  const wandering = Array.from({ length: 40 }, (_, second) => (second < 20 ? 900 : 1100));

  test('is centred on the mean', () => expect(meanInterval(alternating, 0.95)?.value).toBe(1000));

  test('is wider for autocorrelated samples than for alternating samples', () => {
    expect(width(wandering)).toBeGreaterThan(5 * width(alternating));
  });

  test('has a width of 0 without variation', () => expect(width(Array.from({ length: 10 }, () => 5))).toBe(0));
  test('needs four samples', () => expect(meanInterval([1, 2, 3], 0.95)).toBeUndefined());
});
