import { expect, test } from 'vitest';
import { firstLimit, predictedUse, type MeasuredUse } from '../../../../ops/redline/next-limit.ts';

const points = (...rows: [ledTps: number, mean: number, p99: number][]) =>
  rows.map(([ledTps, mean, p99]) => ({ ledTps, mean, p99 }));
const out = (of: MeasuredUse['points'], policyLimit = 0.8): MeasuredUse => ({
  resource: 'network-out',
  node: 'broker-1',
  policyLimit,
  growth: 1,
  points: of,
});

test('with fewer than three steps, predicts use in proportion to the led rate, scaled by its growth', () => {
  const use = out(points([100, 0.3, 0.32]));
  expect(predictedUse(use, 150).use).toBeCloseTo(0.48, 6);
  expect(firstLimit([use])?.tps).toBeCloseTo(250, 6);
  expect(predictedUse({ ...use, growth: 0.5 }, 150).use).toBeCloseTo(0.4, 6);
});

test('a step with low peaks does not let the next step exceed the limit', () => {
  const use = out(points([148, 0.53, 0.69], [166, 0.595, 0.68]));
  expect(predictedUse(use, 191).use).toBeCloseTo(((0.595 * 191) / 166) * (0.69 / 0.53), 6);
});

test('with three or more steps, predicts with a fitted line and the spread of the seconds', () => {
  const use = out(points([100, 0.3, 0.33], [110, 0.32, 0.352], [120, 0.34, 0.374]));
  expect(predictedUse(use, 200).use).toBeCloseTo(1.1 * 0.5, 6);
  expect(firstLimit([use])?.tps).toBeCloseTo((0.8 / 1.1 - 0.1) / 0.002, 4);
});

test('a use that does not grow with the led rate sets no limit', () => {
  const use = { ...out(points([100, 0.5, 0.55])), growth: 0 };
  expect(predictedUse(use, 300).use).toBe(0.55);
  expect(firstLimit([use])).toBeUndefined();
});

test('a resource above its limit allows no higher rate', () => {
  expect(firstLimit([out(points([100, 0.7, 0.82]))])?.tps).toBe(0);
});

test('names the resource that limits first', () => {
  const cpu = { ...out(points([100, 0.5, 0.6]), 0.7), resource: 'cpu', growth: 0.5 };
  const found = firstLimit([out(points([100, 0.3, 0.32])), cpu]);
  expect(found?.limit.resource).toBe('cpu');
  expect(found?.tps).toBeCloseTo(133.33, 1);
});

test('a policy that allows all of a resource sets no limit', () => {
  expect(firstLimit([out(points([100, 0.9, 1]), 1)])).toBeUndefined();
});

test('a resource without a reading sets no limit', () => {
  expect(firstLimit([out([])])).toBeUndefined();
});
