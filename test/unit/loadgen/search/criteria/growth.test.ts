import { expect, test } from 'vitest';
import { growthOf, riseOf } from '../../../../../loadgen/search/criteria/growth.ts';
import { gaussianOf, randomOf } from '../../../../truth/world/random.ts';

const series = (length: number, value: (second: number) => number) =>
  Array.from({ length }, (_, second) => value(second));

test('a linear rise is measured exactly', () => {
  expect(growthOf(series(61, (second) => 7 + 12 * second))).toEqual({ perSecond: 12, lowerBound: 12 });
});

test('ten samples are too few', () => expect(growthOf(series(10, (second) => second))).toBeUndefined());

test('a temporary stall is not growth', () => {
  const { lowerBound } = growthOf(series(60, (second) => (second > 20 && second < 24 ? 5000 : 100))) ?? expect.fail();
  expect(lowerBound).toBeLessThanOrEqual(0);
});

test('a fluctuating queue counts as growing in less than 2.5% of cases, a filling one in over 95%', () => {
  const swings = (seed: number, drift: number) => {
    const gaussian = gaussianOf(randomOf(seed));
    return growthOf(series(60, (second) => 1000 + drift * second + 50 * gaussian()))?.lowerBound ?? 0;
  };
  const seeds = series(400, (seed) => seed + 1);
  expect(seeds.filter((seed) => swings(seed, 0) > 0).length).toBeLessThan(0.025 * seeds.length);
  expect(seeds.filter((seed) => swings(seed, 20) > 0).length).toBeGreaterThan(0.95 * seeds.length);
});

test('a stepwise rise is detected by a linear fit where batches of seconds do not show it', () => {
  // Every fourth second, three fifths of the missed messages arrive at once: 40% of the rate are never read.
  const lumps = series(15, (second) => 100 * second - 60 * (second - (second % 4)));
  expect(growthOf(lumps)?.lowerBound).toBeLessThan(0);
  expect(riseOf(lumps)).toEqual({
    perSecond: expect.closeTo(41.7, 1) as number,
    lowerBound: expect.closeTo(32.3, 1) as number,
  });
  expect(riseOf(series(10, (second) => second))).toBeUndefined();
});

test('fluctuation around a constant level is rarely detected as a relevant rise', () => {
  const seeds = series(400, (seed) => seed + 1);
  const rises = seeds.filter((seed) => {
    const gaussian = gaussianOf(randomOf(seed));
    const { lowerBound } = riseOf(series(15, () => 1000 + 200 * gaussian())) ?? expect.fail();
    // Half a second of 1,000 messages a second in a trial of 15 s.
    return lowerBound > 1000 * (0.5 / 15);
  });
  expect(rises.length).toBeLessThan(0.01 * seeds.length);
});
