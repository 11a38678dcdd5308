import { expect, test } from 'vitest';
import { scalingOf } from '../../../../../../analyzer/verdict/fit/laws/scaling.ts';

const kneeOf = (...steps: [concurrency: number, throughput: number][]) => {
  const scaling = scalingOf(steps.map(([concurrency, throughput]) => ({ concurrency, throughput })));
  return scaling.kind === 'fitted' ? scaling.knee?.concurrency : expect.fail(scaling.message);
};

test('the knee is the lowest step of three criteria', () => {
  // Latencies of 1, 2.5, 5 and 6.1: the first more than doubles, while the power still grows.
  expect(kneeOf([1, 1], [10, 4], [40, 8], [50, 8.2])).toBe(1);
  // The curve bends at 20, rises again, and the latency doubles at 50.
  expect(kneeOf([10, 10], [20, 40], [30, 44], [40, 46], [50, 48], [60, 110])).toBe(20);
  // The greatest power is at 4, and the latency doubles at 16.
  expect(kneeOf([1, 1], [2, 2], [4, 4], [8, 4], [16, 4])).toBe(4);
});
