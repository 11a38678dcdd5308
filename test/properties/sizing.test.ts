// Checks laws of sizing, over every way to run brokers and every shape.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decidingSample, enumerate, type Candidate } from '../../analyzer/planning/sizing/candidates.ts';
import { buildsOf } from '../../analyzer/planning/sizing/builds.ts';
import { choose, sizeCluster } from '../../analyzer/planning/sizing/size-cluster.ts';
import { limitOf } from '../../analyzer/planning/sizing/fit.ts';
import { leastRegret, regretOf } from '../../analyzer/planning/sizing/least-regret.ts';
import { reserveTableOf } from '../../analyzer/planning/sizing/reserve-table.ts';
import { hostsPerMaster, type ClusterRequest } from '../../analyzer/planning/sizing/request.ts';
import { left } from '../../analyzer/planning/sizing/scenarios.ts';
import { demandDraws } from '../../analyzer/planning/sizing/plan-samples.ts';
import type { Surroundings } from '../../analyzer/planning/sizing/trial.ts';
import { planModes, type BusinessDomain, type Demand, type Estimate } from '../../core/documents/cluster-plan.ts';
import { about, domainOf, policyWith, requestOf, shapes, surroundingsOf } from '../support/sized.ts';

const estimate = (min: number, max: number) =>
  fc
    .tuple(
      fc.double({ min: Math.log(min), max: Math.log(max), noNaN: true }),
      fc.double({ min: 0, max: 0.6, noNaN: true }),
    )
    .map(([logarithm, spread]): Estimate => about(Math.exp(logarithm), spread));
const demand = fc.record({
  peakTps: estimate(100, 50_000),
  averageTps: estimate(50, 50_000),
  messageBytes: estimate(50, 50_000),
  consumerGroups: fc.integer({ min: 0, max: 8 }),
  retentionSeconds: fc.integer({ min: 3600, max: 7 * 86_400 }),
});
const placement = fc.record({
  zones: fc.constantFrom(1, 3),
  survive: fc.record({ brokers: fc.integer({ min: 0, max: 2 }), zones: fc.constantFrom(0, 1), group: fc.boolean() }),
});
const domain = fc
  .record({ demand, placement, criticality: fc.constantFrom('critical', 'normal', 'best-effort') })
  .map((parts) => domainOf({ ...parts, placement: { ...parts.placement, modes: planModes } }));
// One cluster of any size: the law is about brokers, and splitting clusters adds some.
const boundless = policyWith({ clusterBrokers: { value: 1e6, source: 'test' } });
const alone = surroundingsOf({ policy: boundless, count: 12 });

const candidatesOf = (request: ClusterRequest, surroundings: Surroundings = alone): Candidate[] =>
  enumerate(request, buildsOf(request, surroundings.policy), surroundings, (each) =>
    demandDraws(each, surroundings.samples),
  ).fitting;
const keyOf = ({ build, shape }: Candidate) => `${build.broker} ${build.mode} ${build.replicas} ${shape.name}`;
const numbers = (candidates: readonly Candidate[]) =>
  new Map(candidates.map((candidate) => [keyOf(candidate), candidate.masters]));

function expectNeverFewer(less: readonly Candidate[], more: readonly Candidate[]) {
  const [before, after] = [numbers(less), numbers(more)];
  for (const [key, masters] of after) expect(masters, key).toBeGreaterThanOrEqual(before.get(key) ?? 0);
}

const times = ({ low, mid, high }: Estimate, factor: number): Estimate => ({
  low: low * factor,
  mid: mid * factor,
  high: high * factor,
});
const withDemand = (own: BusinessDomain, more: Partial<Demand>): BusinessDomain => ({
  ...own,
  demand: { ...own.demand, ...more },
});

test('more load never requires fewer brokers, for any shape and kind', () => {
  const factor = fc.double({ min: 1, max: 4, noNaN: true });
  const input = fc.constantFrom(
    'peakTps',
    'averageTps',
    'messageBytes',
    'growth',
    'consumerGroups',
    'retentionSeconds',
    'promotion',
  );
  fc.assert(
    fc.property(domain, factor, input, (own, more, name) => {
      const { demand: asked } = own;
      const grown: Partial<Demand> =
        name === 'consumerGroups'
          ? { consumerGroups: asked.consumerGroups + Math.ceil(more) }
          : name === 'retentionSeconds'
            ? { retentionSeconds: asked.retentionSeconds * more }
            : name === 'promotion'
              ? { promotion: { ...asked.promotion, multiplier: times(asked.promotion.multiplier, more) } }
              : { [name]: times(asked[name], more) };
      expectNeverFewer(candidatesOf(requestOf(own)), candidatesOf(requestOf(withDemand(own, grown))));
    }),
    { numRuns: 20 },
  );
});

test('more headroom, skew or losses to survive never require fewer brokers', () => {
  fc.assert(
    fc.property(
      domain,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom('headroom', 'skew', 'broker', 'zone', 'group'),
      (own, more, what) => {
        const request = requestOf(own);
        const { skew } = boundless;
        const policy = {
          ...boundless,
          ...(what === 'headroom' && { headroom: more }),
          ...(what === 'skew' && { skew: { ...skew, value: skew.value + more } }),
        };
        const { survive } = request;
        const asked = {
          ...survive,
          ...(what === 'broker' && { brokers: survive.brokers + 1 }),
          ...(what === 'zone' && { zones: 1 }),
          ...(what === 'group' && { group: true }),
        };
        expectNeverFewer(candidatesOf(request), candidatesOf({ ...request, survive: asked }, { ...alone, policy }));
      },
    ),
    { numRuns: 20 },
  );
});

test('the number of brokers is the lowest that survives every scenario', () => {
  fc.assert(
    fc.property(domain, fc.nat(11), (own, world) => {
      for (const candidate of candidatesOf(requestOf(own))) {
        const { load, capacity, scenarios, least, step } = candidate;
        const holds = (masters: number) =>
          scenarios.every((scenario) => {
            const stays = left(scenario, masters);
            const rates = (['network-in', 'network-out', 'disk-io', 'messages'] as const).every((resource) => {
              const draws = load.rate[resource];
              const own_ = capacity.resources[resource];
              const factor = 1 / (alone.factors.of(own_).values[world] as number);
              const { rebuild: by, refills } = scenario;
              const copied = Math.max(draws.rebuild[world] as number, draws.missed[world] as number);
              const rebuild = by === 'none' ? 0 : copied;
              const bySender = by === 'others' ? (refills * rebuild) / masters : refills * rebuild;
              const isSent = resource === 'network-out' || (by === 'own-master' && resource !== 'network-in');
              const sent = isSent ? bySender : rebuild;
              const asked =
                (draws.base[world] as number) + (scenario.catchUp ? (draws.catchUp[world] as number) : 0) + sent;
              return stays > 0 ? asked / stays <= limitOf(own_, scenario, 1) * factor * (1 + 1e-6) : asked === 0;
            });
            const kept = (['disk-space', 'memory', 'partitions'] as const).every(
              (resource) =>
                (load.kept[resource][world] as number) / masters <= capacity.resources[resource].safe * (1 + 1e-6),
            );
            return rates && (scenario !== scenarios[0] || kept);
          });
        const needed = candidate.needed[world] as number;
        expect(holds(needed), keyOf(candidate)).toBe(true);
        if (needed > least) expect(holds(needed - step), `${keyOf(candidate)} with ${needed - step}`).toBe(false);
      }
    }),
    { numRuns: 20 },
  );
});

test('the number with the least regret equals the result of trying all numbers', () => {
  const worlds = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(worlds, fc.constantFrom('critical', 'normal', 'best-effort'), (needed, criticality) => {
      const regret = regretOf(boundless, criticality);
      const mean = (masters: number) =>
        needed.reduce(
          (sum, each) => sum + (each <= masters ? regret.over(masters - each) : regret.under(each - masters)),
          0,
        );
      const answer = leastRegret(Int32Array.from([...needed, 1]), regret);
      const all = Array.from({ length: 60 }, (_, index) => mean(index + 1));
      expect(mean(answer)).toBeLessThanOrEqual(Math.min(...all) * (1 + 1e-9));
    }),
  );
});

test('the chosen shape has the least mean regret, as found by trying all shapes', () => {
  fc.assert(
    fc.property(domain, (own) => {
      const candidates = candidatesOf(requestOf(own));
      fc.pre(candidates.length > 0);
      const regret = regretOf(boundless, own.criticality);
      const unit = ({ build, shape, clusters }: Candidate) =>
        clusters * hostsPerMaster(build) * (shape.pricePerMonth ?? 1);
      const mean = (candidate: Candidate) => {
        let sum = 0;
        for (let world = 0; world < 12; world += 1) {
          const best = Math.min(...candidates.map((each) => unit(each) * (each.needed[world] as number)));
          const missing = Math.max(0, (candidate.needed[world] as number) - candidate.masters);
          sum += regret.over(Math.max(0, candidate.cost - best)) + regret.under(unit(candidate) * missing);
        }
        return sum;
      };
      expect(mean(choose(candidates, regret))).toBeLessThanOrEqual(Math.min(...candidates.map(mean)) * (1 + 1e-9));
    }),
    { numRuns: 20 },
  );
});

test('the reserves multiply to the installed capacity, each once', () => {
  fc.assert(
    fc.property(domain, (own) => {
      const request = requestOf(own);
      for (const candidate of candidatesOf(request)) {
        const margin = reserveTableOf(request, candidate, decidingSample(candidate), alone);
        const product = margin.entries.reduce((all, { factor }) => all * factor, 1);
        expect(product / margin.product).toBeCloseTo(1, 9);
        expect((margin.base.value * margin.product) / margin.installed).toBeCloseTo(1, 9);
        expect(new Set(margin.entries.map(({ reserve }) => reserve)).size).toBe(margin.entries.length);
      }
    }),
    { numRuns: 20 },
  );
});

test('the same seed produces the same plan for any order of the shapes', () => {
  fc.assert(
    fc.property(domain, fc.string({ minLength: 1, maxLength: 8 }), (own, seed) => {
      const plan = (surroundings: Surroundings) => {
        const sized = sizeCluster(requestOf(own), surroundings, 'hosts');
        return sized.kind === 'planned'
          ? sized.clusters.map((cluster) => ({ ...cluster, rejections: [] }))
          : sized.kind;
      };
      const first = plan(surroundingsOf({ seed, count: 32 }));
      expect(plan(surroundingsOf({ seed, count: 32 }))).toEqual(first);
      expect(plan(surroundingsOf({ seed, count: 32, shapes: shapes.toReversed() }))).toEqual(first);
    }),
    { numRuns: 4 },
  );
});
