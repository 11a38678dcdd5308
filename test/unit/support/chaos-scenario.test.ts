import { expect, test } from 'vitest';
import { changes, faults, laterChanges, scenarioOf } from '../../support/chaos/scenario.ts';
import { seeds } from '../../support/chaos/seeds.ts';

const scenarios = seeds.map(scenarioOf);

test('a seed always produces the same run', () => {
  expect(seeds.map(scenarioOf)).toEqual(scenarios);
});

test('the list has at least 40 runs over both brokers, and no seed twice', () => {
  expect(scenarios.length).toBeGreaterThanOrEqual(40);
  expect(new Set(seeds).size).toBe(seeds.length);
});

test.each(['kafka', 'rocketmq'] as const)('the list covers each change and each fault of %s', (product) => {
  const own = scenarios.filter((each) => each.product === product);
  expect(new Set(own.map(({ change }) => change))).toEqual(
    new Set([...Object.keys(changes[product]), ...Object.keys(laterChanges[product])]),
  );
  expect(new Set(own.map(({ fault }) => fault))).toEqual(new Set(faults[product]));
  expect(new Set(own.map(({ recovery }) => recovery)).size).toBe(2);
});
