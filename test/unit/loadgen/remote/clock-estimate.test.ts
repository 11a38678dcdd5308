import { expect, test } from 'vitest';
import { bestSample, nextEstimate, sampleOf } from '../../../../loadgen/remote/remote-worker.ts';

const second = 1_000_000_000n;

test('the offset is measured at the midpoint of the round trip, with half the round trip as error', () => {
  const times = { sent: 10n * second, answered: 12n * second, there: 111n * second };
  expect(sampleOf(times, 100n * second)).toEqual({ offset: 0, error: 1 });
  expect(sampleOf(times, 0n)).toEqual({ offset: 100, error: 1 });
});

test('keeps nanosecond precision after years of uptime', () => {
  const years = 300_000_000n * second;
  const base = years + 123n;
  const times = { sent: 5n * second, answered: 5n * second + 200_000n, there: years + 5n * second + 100_223n };
  const { offset, error } = sampleOf(times, base);
  expect(offset).toBeCloseTo(100e-9, 12);
  expect(error).toBeCloseTo(100e-6, 12);
});

test('uses the sample with the fastest response', () => {
  expect(bestSample([])).toBeUndefined();
  const quick = { offset: 0.2, error: 0.001 };
  expect(bestSample([{ offset: 0, error: 0.5 }, quick, { offset: 0.1, error: 0.002 }])).toBe(quick);
});

test('keeps the previous estimate while it is consistent, with its current error', () => {
  expect(nextEstimate({ offset: 0, error: 0.001 }, { offset: 0.0004, error: 0.0005 })).toEqual({
    offset: 0,
    error: 0.0009,
  });
});

test('follows a clock that drifted out of the possible range', () => {
  const seen = { offset: 0.002, error: 0.0005 };
  expect(nextEstimate({ offset: 0, error: 0.001 }, seen)).toBe(seen);
});
