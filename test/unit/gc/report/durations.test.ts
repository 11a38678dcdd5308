// Checks that ranks of durations are exact for few values and close for millions.

import { expect, test } from 'vitest';
import { Durations } from '../../../../gc/report/durations.ts';

function durationsOf(values: Iterable<number>): Durations {
  const durations = new Durations();
  for (const value of values) durations.add(value);
  return durations;
}

const shares = [0, 0.001, 0.5, 0.95, 0.99, 0.999, 1];

test('an empty set has no quantiles', () => {
  expect(new Durations().quantile(0.5)).toBeUndefined();
  expect(new Durations().countAbove(0)).toBe(0);
});

test.each([1, 2, 16, 17, 8192, 8193, 100_000])('%i durations in microseconds have exact nearest ranks', (length) => {
  const values = Array.from({ length }, (_, index) => ((index * 7919) % 20_011) / 1e6);
  const durations = durationsOf(values);
  const sorted = values.toSorted((a, b) => a - b);
  expect(shares.map((share) => durations.quantile(share))).toEqual(
    shares.map((share) => sorted[Math.max(0, Math.ceil(share * length) - 1)]),
  );
  expect(durations.countAbove(0.01)).toBe(values.filter((value) => value > 0.01).length);
  expect(durations.count).toBe(length);
});

test('reading quantiles in between does not change later ones', () => {
  const durations = durationsOf([3, 1]);
  expect(durations.quantile(0.5)).toBe(1);
  durations.add(2);
  expect(durations.quantile(0.5)).toBe(2);
});

test('for a million distinct durations, ranks are close and the maximum is exact', () => {
  const length = 1_000_003;
  const durations = durationsOf(Array.from({ length }, (_, index) => ((index * 7919) % length) + 1));
  expect(durations.quantile(1)).toBe(length);
  for (const share of [0.5, 0.95, 0.99, 0.999]) {
    expect((durations.quantile(share) as number) / (share * length)).toBeCloseTo(1, 3);
  }
  expect(durations.countAbove(length / 2) / length).toBeCloseTo(0.5, 3);
});
