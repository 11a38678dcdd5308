import { expect, test } from 'vitest';
import { withRecentCost, type RecentCost } from '../../../../analyzer/production/recent-cost.ts';
import type { Crossing } from '../../../../analyzer/verdict/fit/crossing.ts';
import type { FittedResource } from '../../../../analyzer/verdict/fit/resource-fit.ts';

const crossing = (value: number): Crossing => {
  const [low, high] = [0.9 * value, 1.1 * value];
  return { value, low, high, draws: { low: Float64Array.of(low, value), high: Float64Array.of(value, high) } };
};
const fitted: FittedResource = {
  resource: 'cpu',
  node: 'kafka-1',
  kind: 'cpu',
  capacity: { value: 8, unit: 'cores', source: '/proc/cpuinfo' },
  policyLimit: 0.7,
  isShared: false,
  uses: [],
  safe: crossing(700),
  saturation: crossing(1000),
};
const cost = (factor: number, low: number, high: number): RecentCost => ({
  resource: 'cpu',
  node: 'kafka-1',
  factor,
  low,
  high,
  since: 4,
  idle: 0.1,
});
const endsOf = (each: Crossing | undefined) =>
  each && [each.low, each.high ?? 0, each.draws.low[1], each.draws.high[0]];

test('an uncertain recent rise of a cost widens the saturation interval as it widens the safe interval', () => {
  const [{ safe, saturation } = fitted] = withRecentCost([fitted], [cost(1.4, 1.2, 1.6)]);
  const [down, up] = [1.6 / 1.4, 1.4 / 1.2];
  expect(endsOf(saturation)).toEqual(
    [900 / down, 1100 * up, 1000 / down, 1000 * up].map((each) => expect.closeTo(each, 6) as number),
  );
  expect((saturation?.low ?? 0) / (safe?.low ?? 1)).toBeCloseTo(1000 / 700, 9);
  expect(saturation?.value).toBe(1000);
});

test('a recent drop of a cost raises only the upper bounds', () => {
  const [{ saturation } = fitted] = withRecentCost([fitted], [cost(0.8, 0.7, 0.9)]);
  expect(endsOf(saturation)).toEqual(
    [900, 1100 / 0.7, 1000, 1000 / 0.7].map((each) => expect.closeTo(each, 6) as number),
  );
});

test('a resource without a recent cost change is unchanged', () => {
  expect(withRecentCost([fitted], [{ ...cost(1.4, 1.2, 1.6), node: 'kafka-2' }])).toEqual([fitted]);
});
