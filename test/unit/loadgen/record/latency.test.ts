import { expect, test } from 'vitest';
import { createLatencySum } from '../../../../core/statistics/latency-sum.ts';
import { createLatencyRecorder } from '../../../../loadgen/record/latency.ts';

function percentilesOf(...parts: readonly (readonly number[])[]) {
  const recorder = createLatencyRecorder();
  const sum = createLatencySum();
  for (const part of parts) {
    for (const seconds of part) recorder.record(seconds);
    sum.add(recorder.take());
  }
  return sum.percentiles();
}

test('percentiles are computed over all samples and not averaged', () => {
  const fast = Array.from({ length: 990 }, () => 0.001);
  const percentiles = percentilesOf(
    fast,
    Array.from({ length: 10 }, () => 2),
  );
  expect(percentiles?.p50).toBeCloseTo(0.001, 5);
  expect(percentiles?.p99).toBeCloseTo(0.001, 5);
  expect(percentiles?.p999).toBeCloseTo(2, 2);
});

test('samples that were taken are not counted again', () => {
  expect(percentilesOf([5], [1])?.p50).toBeCloseTo(1, 2);
});

test('percentiles without samples are undefined', () => expect(percentilesOf([], [])).toBeUndefined());

test('samples out of range are clamped to the range', () => {
  expect(percentilesOf([-1, 1e9])?.max).toBeGreaterThan(3590);
});
