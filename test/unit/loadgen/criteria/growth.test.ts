import { expect, test } from 'vitest';
import { growthOf } from '../../../../loadgen/criteria/growth.ts';
import { gaussianOf, randomOf } from '../../../truth/world/random.ts';

const series = (length: number, value: (second: number) => number) =>
  Array.from({ length }, (_, second) => value(second));

test('a steady rise is known exactly', () => {
  expect(growthOf(series(61, (second) => 7 + 12 * second))).toEqual({ perSecond: 12, lowerBound: 12 });
});

test('ten seconds are too few', () => expect(growthOf(series(10, (second) => second))).toBeUndefined());

test('a stall in the middle is no growth', () => {
  const { lowerBound } = growthOf(series(60, (second) => (second > 20 && second < 24 ? 5000 : 100))) ?? expect.fail();
  expect(lowerBound).toBeLessThanOrEqual(0);
});

test('a queue that only swings is called growing in less than 2.5 % of cases, one that fills nearly always', () => {
  const swings = (seed: number, drift: number) => {
    const gaussian = gaussianOf(randomOf(seed));
    return growthOf(series(60, (second) => 1000 + drift * second + 50 * gaussian()))?.lowerBound ?? 0;
  };
  const seeds = series(400, (seed) => seed + 1);
  expect(seeds.filter((seed) => swings(seed, 0) > 0).length).toBeLessThan(0.025 * seeds.length);
  expect(seeds.filter((seed) => swings(seed, 20) > 0).length).toBeGreaterThan(0.95 * seeds.length);
});
