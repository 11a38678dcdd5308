import { describe, expect, test } from 'vitest';
import { sizeCluster } from '../../../../../analyzer/planning/sizing/size-cluster.ts';
import type { ClusterPlan } from '../../../../../core/documents/cluster-plan.ts';
import { domainOf, requestOf, shapes, surroundingsOf } from '../../../../support/sized.ts';

const planOf = (...parts: Parameters<typeof requestOf>): ClusterPlan => {
  const sized = sizeCluster(requestOf(...parts), surroundingsOf(), 'CNY');
  const [plan] = sized.kind === 'planned' ? sized.clusters : [];
  return plan ?? expect.fail('no plan');
};
const sum = (values: readonly (number | undefined)[]) =>
  values.reduce<number>((all, value) => all + (value ?? expect.fail('no cost')), 0);

describe('a plan with prices', () => {
  const { cost = expect.fail('no cost'), margin, domains } = planOf(domainOf(), domainOf({ name: 'logs' }));

  test("today's load and the reserves cost together what the plan costs", () => {
    expect((margin.baseCost ?? 0) + sum(margin.entries.map((entry) => entry.cost))).toBeCloseTo(cost, 6);
    expect(margin.baseCost).toBeCloseTo(cost / margin.product, 6);
  });

  test('a larger factor costs more', () => {
    const byFactor = margin.entries.toSorted((one, two) => one.factor - two.factor).map((entry) => entry.cost);
    expect(byFactor).toEqual(byFactor.toSorted((one = 0, two = 0) => one - two));
    expect(margin.entries.length).toBeGreaterThan(3);
  });

  test('domains with the same demand share the cost equally', () => {
    expect(domains.map((domain) => domain.cost)).toEqual([cost / 2, cost / 2]);
  });
});

test('a domain that needs twice as much of the resource that decided pays twice as much', () => {
  const small = domainOf({ demand: { consumerGroups: 0 } });
  const large = domainOf({
    name: 'logs',
    demand: { ...small.demand, peakTps: { low: 32_000, mid: 40_000, high: 48_000 } },
  });
  const { domains, margin } = planOf(small, large);
  expect(['cpu', 'messages', 'network-in', 'network-out', 'disk-io']).toContain(margin.resource);
  const [one, two] = domains.map((domain) => domain.cost ?? 0);
  expect((two ?? 0) / (one ?? 1)).toBeCloseTo(2, 6);
});

test('without prices there are no costs', () => {
  const unpriced = shapes.map(({ pricePerMonth: _price, ...shape }) => shape);
  const sized = sizeCluster(requestOf(domainOf()), surroundingsOf({ shapes: unpriced }), 'hosts');
  const [plan] = sized.kind === 'planned' ? sized.clusters : [];
  expect(plan?.margin.entries.length).toBeGreaterThan(3);
  expect(plan?.margin).not.toHaveProperty('baseCost');
  expect(plan?.domains.some((domain) => 'cost' in domain)).toBe(false);
});
