import fc from 'fast-check';
import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { expect, test } from 'vitest';
import { createLatencySum } from '../../core/statistics/latency-sum.ts';
import { createLatencyRecorder } from '../../loadgen/record/latency.ts';

const latency = fc.oneof(
  fc.double({ min: 0, max: 0.01, noNaN: true }),
  fc.double({ min: 0, max: 10, noNaN: true }),
  fc.double({ min: 0, max: 4000, noNaN: true }),
);
const parts = fc.array(fc.array(latency, { minLength: 1, maxLength: 50 }), { minLength: 1, maxLength: 6 });

function encoded(samples: readonly number[]): string {
  const recorder = createLatencyRecorder();
  for (const sample of samples) recorder.record(sample);
  return recorder.take();
}

test('a sum has the percentiles, maximum and mean of an HdrHistogram of all samples', () => {
  fc.assert(
    fc.property(parts, (given) => {
      const sum = createLatencySum();
      const theirs = build({ autoResize: true, numberOfSignificantValueDigits: 3 });
      for (const samples of given) {
        const text = encoded(samples);
        sum.add(text);
        theirs.add(decodeFromCompressedBase64(text, 32, false));
      }
      const at = (percentile: number) => theirs.getValueAtPercentile(percentile) / 1e6;
      expect(sum.percentiles()).toEqual({
        p50: at(50),
        p95: at(95),
        p99: at(99),
        p999: at(99.9),
        max: at(100),
      });
      expect(sum.mean()).toBeCloseTo(theirs.mean / 1e6, 9);
    }),
    { numRuns: 60 },
  );
});

test('a histogram with fewer digits is summed within its own precision', () => {
  const coarse = build({ numberOfSignificantValueDigits: 2, autoResize: true });
  for (const value of [100, 1000, 10_000]) coarse.recordValue(value);
  const sum = createLatencySum();
  sum.add(encodeIntoCompressedBase64(coarse));
  expect(sum.percentiles()?.p50).toBeCloseTo(0.001, 4);
  expect(sum.percentiles()?.max).toBeCloseTo(0.01, 3);
});

test('an empty sum has no percentiles and no mean', () => {
  const sum = createLatencySum();
  sum.add(createLatencyRecorder().take());
  expect(sum.percentiles()).toBeUndefined();
  expect(sum.mean()).toBeUndefined();
});
