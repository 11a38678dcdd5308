import { describe, expect, test } from 'vitest';
import { judgeProposal } from '../../../../../analyzer/planning/sizing/size-domains.ts';
import { withCosts } from '../../../../../analyzer/planning/sizing/plan-cost.ts';
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

  test("today's load and the reserves add up to the cost of the plan", () => {
    expect((margin.baseCost ?? 0) + sum(margin.entries.map((entry) => entry.cost))).toBeCloseTo(cost, 6);
    expect(margin.baseCost).toBeCloseTo(cost / margin.product, 6);
  });

  test('a reserve with a larger factor costs more', () => {
    const byFactor = margin.entries.toSorted((one, two) => one.factor - two.factor).map((entry) => entry.cost);
    expect(byFactor).toEqual(byFactor.toSorted((one = 0, two = 0) => one - two));
    expect(margin.entries.length).toBeGreaterThan(3);
  });

  test('domains with the same demand share the cost equally', () => {
    expect(domains.map((domain) => domain.cost)).toEqual([cost / 2, cost / 2]);
  });
});

test('a domain that needs twice as much of the limiting resource pays twice as much', () => {
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

describe('of two domains on one cluster, the second costs', () => {
  type Domain = ClusterPlan['domains'][number];
  const two = [domainOf(), domainOf({ name: 'logs' })] as const;
  const plans = {
    kafka: planOf(...two.map((each) => ({ ...each, placement: { ...each.placement, brokers: ['kafka' as const] } }))),
    rocketmq: planOf(
      ...two.map((each) => ({ ...each, placement: { ...each.placement, brokers: ['rocketmq' as const] } })),
    ),
  };
  const ratio = (broker: keyof typeof plans, resource: ClusterPlan['margin']['resource'], second: Partial<Domain>) => {
    const { margin, domains, ...plan } = plans[broker];
    const changed = domains.map((domain, index) => (index === 1 ? { ...domain, ...second } : domain));
    const { domains: costed } = withCosts({ ...plan, margin: { ...margin, resource }, domains: changed });
    const [one = 0, other = 0] = costed.map(({ cost }) => cost ?? expect.fail('no cost'));
    return other / one;
  };

  test.each(['network-in', 'network-out', 'disk-io', 'disk-space', 'memory'] as const)(
    'less if its messages are compressed and %s is the limiting resource',
    (resource) => expect(ratio('kafka', resource, { compressionRatio: 4 })).toBeLessThan(0.6),
  );

  test('half for outgoing bytes without groups, since its two followers still receive every message', () => {
    const withoutGroups = ratio('kafka', 'network-out', { consumerGroups: 0 });
    expect(withoutGroups).toBeGreaterThan(0.45);
    expect(withoutGroups).toBeLessThan(0.6);
  });

  test('twice the disk if its messages are delayed, since RocketMQ stores them twice', () => {
    expect(ratio('rocketmq', 'disk-space', { isDelayed: true })).toBeGreaterThan(1.7);
  });

  test('no more memory for more partitions', () => {
    expect(ratio('kafka', 'memory', { partitions: 1000 })).toBeCloseTo(1, 6);
    expect(ratio('kafka', 'partitions', { partitions: 1000 })).toBeGreaterThan(1);
  });
});

test('without prices there are no costs', () => {
  const unpriced = shapes.map(({ pricePerMonth: _price, ...shape }) => shape);
  const sized = sizeCluster(requestOf(domainOf()), surroundingsOf({ shapes: unpriced }), 'hosts');
  const [plan] = sized.kind === 'planned' ? sized.clusters : [];
  expect(plan?.margin.entries.length).toBeGreaterThan(3);
  expect(plan?.margin).not.toHaveProperty('baseCost');
  expect(plan?.domains.some((domain) => 'cost' in domain)).toBe(false);
});

describe('more or fewer brokers', () => {
  const request = requestOf(domainOf());
  const plan = planOf(domainOf());
  const { broker, mode, replicas, masters, shape } = plan;
  const proposed = (more: number) =>
    judgeProposal(
      'orders',
      request,
      { broker, mode, replicas, masters: masters + more, shape: shape.name },
      surroundingsOf(),
    );
  const afterLoss = (more: number) => proposed(more).promise?.afterLossTps.mid ?? expect.fail('no promise');

  test('reports the fewest brokers that add 10% capacity after the worst loss, with their price', () => {
    const { brokers, afterLossTps, cost } = plan.nextTenth ?? expect.fail('no next tenth');
    const wanted = 1.1 * plan.promise.afterLossTps.mid;
    const hosts = brokers / (plan.brokers.length / masters);
    expect(afterLossTps).toBeGreaterThanOrEqual(wanted);
    expect(afterLossTps).toBeCloseTo(afterLoss(hosts), 6);
    // The number of brokers is the same in each zone.
    expect(hosts % plan.zones.length).toBe(0);
    expect(afterLoss(hosts - plan.zones.length)).toBeLessThan(wanted);
    expect(cost).toBe(brokers * (shape.pricePerMonth ?? Number.NaN));
  });

  test('brokers of a proposal beyond the demand can be removed, and their price is saved', () => {
    const { mastersNeeded = expect.fail('no number'), removable } = proposed(3);
    const brokers = (masters + 3 - mastersNeeded) * (plan.brokers.length / masters);
    expect(removable).toEqual({ brokers, cost: brokers * (shape.pricePerMonth ?? Number.NaN) });
    expect(proposed(mastersNeeded - masters)).toMatchObject({ verdict: 'enough' });
    expect(proposed(mastersNeeded - masters).removable).toBeUndefined();
  });
});
