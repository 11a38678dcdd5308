// Tests the interval between costly readings of a broker.

import { expect, test } from 'vitest';
import { createReadingPace } from '../../../../../brokers/rocketmq/figures/watch.ts';
import { seconds } from '../../../../../core/clock.ts';

function pacedBy(took: readonly number[]) {
  let now = 100;
  const pace = createReadingPace({ monotonic: () => seconds(now) });
  const starts: number[] = [];
  for (const each of took) {
    while (!pace.isDue()) now += 0.5;
    starts.push(now);
    now += each;
    pace.answered(each);
  }
  return starts.slice(1).map((start, index) => start - (starts[index] as number));
}

test('a fast response is requested every second', () => {
  const gaps = pacedBy([0.01, 0.01, 0.01]);
  for (const gap of gaps) expect(gap).toBeLessThanOrEqual(1);
});

test('a response that takes 80 ms is requested every 4 s', () => {
  for (const gap of pacedBy([0.08, 0.08, 0.08])) expect(gap).toBeCloseTo(4, 0);
});

test('an immediate refusal does not count as a fast response', () => {
  let now = 100;
  const pace = createReadingPace({ monotonic: () => seconds(now) });
  pace.answered(0.9);
  now += 5;
  pace.failed(0.001);
  now += 0.1;
  expect(pace.isDue()).toBe(true);
  now += 0.9;
  pace.answered(0.9);
  now += 3;
  expect(pace.isDue()).toBe(false);
});

test('a response of nearly a second is requested every 5 s, and a faster one shortens the interval', () => {
  const [first = 0, second = 0, third = 0] = pacedBy([0.9, 0.04, 0.9, 0.9]);
  expect(first).toBeCloseTo(5, 0);
  expect(second).toBeCloseTo(2, 0);
  // Slow because it waited for the load: the fastest response counts.
  expect(third).toBeCloseTo(2, 0);
});
