// What does a number of brokers carry? With everything up, after the worst loss it stands, where it is full, and in how many worlds.

import type { ClusterPlan, Estimate, PlannedResource } from '../../core/cluster-plan.ts';
import { unitOf } from './amount-text.ts';
import { share, type Candidate, type Surroundings } from './candidates.ts';
import { keptResources, rateResources, type PlannedResourceName } from './cluster-load-draws.ts';
import { askedIn, binding, limitOf } from './needed-masters.ts';
import { left } from './scenarios.ts';

type Built = Omit<Candidate, 'cost'>;

export function promiseOf(built: Built, surroundings: Surroundings): ClusterPlan['promise'] {
  const { load, masters, clusters, needed, scenarios, capacity } = built;
  const { factors, policy, worlds } = surroundings;
  const { count } = worlds;
  const ofOne = (tps: number) => tps / clusters;
  const isRate = (resource: PlannedResourceName) => (rateResources as readonly string[]).includes(resource);
  const carried = (world: number, isAfterLoss: boolean): number => {
    // Headroom is the file's own reserve: the cluster carries it.
    const peak = ofOne(load.peakTps[world] as number) * (1 + policy.headroom);
    const asked = askedIn(world, load, capacity, scenarios, factors, { clusters, ...share(policy) });
    const shares = asked
      .filter(({ scenario, resource }) => {
        if (!isRate(resource) || scenario.against === 'daily') return false;
        return isAfterLoss || (scenario.lost.kind === 'none' && !scenario.catchUp);
      })
      .map(({ scenario, masters: each }) => Math.max(0, left(scenario, masters)) / each);
    return peak * Math.min(...shares);
  };
  const spread = (of: (world: number) => number): Estimate => {
    const mid = of(count);
    const drawn = Float64Array.from({ length: count }, (_, world) => of(world)).sort();
    const at = (share_: number) => drawn[Math.min(count - 1, Math.floor(share_ * count))] ?? mid;
    return { low: Math.min(mid, at(0.1)), mid, high: Math.max(mid, at(0.9)) };
  };
  const enough = needed.subarray(0, count).reduce((sum, each) => sum + (each <= masters ? 1 : 0), 0);
  const decided = binding(askedIn(count, load, capacity, scenarios, factors, { clusters, ...share(policy) }));
  const first = scenarios[0];
  const full = rateResources.map((resource) => {
    const { base } = load.rate[resource];
    return (masters * capacity.resources[resource].full * clusters) / (base[count] as number);
  });
  return {
    peakTps: spread((world) => ofOne(load.peakTps[world] as number)),
    safeTps: spread((world) => carried(world, false)),
    afterLossTps: spread((world) => carried(world, true)),
    saturationTps: ofOne(load.peakTps[count] as number) * (1 + policy.headroom) * Math.min(...full),
    limitedBy: decided.resource,
    probabilityEnough: count === 0 ? (masters >= (needed[0] as number) ? 1 : 0) : enough / count,
    survives: scenarios
      .filter((scenario) => scenario !== first && scenario.against !== 'daily')
      .map(({ name }) => name),
  };
}

/** Of one broker that takes messages, in the middle of what is expected. */
export function plannedResources(built: Built, surroundings: Surroundings): PlannedResource[] {
  const { load, masters, clusters, scenarios, capacity } = built;
  const { factors, policy, worlds } = surroundings;
  const asked = askedIn(worlds.count, load, capacity, scenarios, factors, { clusters, ...share(policy) });
  return [...rateResources, ...keptResources].flatMap((resource): PlannedResource[] => {
    const own = capacity.resources[resource];
    if (!Number.isFinite(own.full)) return [];
    const load_ = asked
      .filter((each) => each.resource === resource && each.scenario.against !== 'daily')
      .map(({ scenario, masters: each }) => ({
        scenario,
        each: (each * limitOf(own, scenario, 1)) / Math.max(1, left(scenario, masters)),
      }));
    const atPeak = load_[0]?.each ?? 0;
    return [
      {
        resource,
        unit: unitOf[resource],
        atPeak,
        afterLoss: Math.max(...load_.map(({ each }) => each)),
        safe: own.safe,
        full: own.full,
        source: own.source,
      },
    ];
  });
}
