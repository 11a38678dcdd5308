// Computes the rate that a number of brokers sustains: all up, after the worst covered loss, at saturation, and how reliably.

import type { ClusterPlan, Estimate, PlannedResource } from '../../../core/documents/cluster-plan.ts';
import { left } from './scenarios.ts';
import { keptResources, type PlannedResourceName, rateResources, unitOf } from './cluster-load-draws.ts';
import { lossText } from '../../../core/documents/reasons/rejection-reasons.ts';
import { hostsPerMaster } from './request.ts';
import type { Surroundings, Trial } from './trial.ts';

/** @returns for one sample: with everything up, and after the worst covered loss; messages per second of one cluster */
function sustainedBy({ load, masters, clusters, fit, isOneQueue }: Trial, { policy }: Surroundings) {
  const carriers = (brokers: number) => (isOneQueue ? Math.min(1, brokers) : brokers);
  const isRate = new Set<PlannedResourceName>(rateResources);
  const rates = fit.terms.flatMap(({ scenario, resource }, term) =>
    isRate.has(resource) && scenario.against !== 'daily' ? [{ scenario, term }] : [],
  );
  const whole = rates.filter(({ scenario }) => scenario.lost.kind === 'none' && !scenario.catchUp);
  const achieved = (sample: number, terms: typeof rates): number => {
    // Headroom is a reserve of the file, so the cluster sustains it.
    const peak = ((load.peakTps[sample] as number) / clusters) * (1 + policy.headroom);
    let least = Infinity;
    for (const { scenario, term } of terms) {
      least = Math.min(least, fit.carried(term, sample, { left: carriers(left(scenario, masters)), masters }));
    }
    return peak * least;
  };
  return {
    safe: (sample: number) => achieved(sample, whole),
    afterLoss: (sample: number) => achieved(sample, rates),
  };
}

/** Additional capacity that a plan offers beyond its load. */
export const oneStepMore = 0.1;

/**
 * @returns the fewest further brokers of the same kind that carry a tenth more after the worst covered loss, for the median;
 * undefined if brokers do not add capacity, or the largest cluster is reached
 */
export function nextTenthOf(built: Trial, surroundings: Surroundings): ClusterPlan['nextTenth'] {
  const { masters, step, build, shape, isOneQueue } = built;
  const { policy, samples } = surroundings;
  const wanted = (1 + oneStepMore) * sustainedBy(built, surroundings).afterLoss(samples.count);
  if (isOneQueue || !Number.isFinite(wanted)) return undefined;
  for (let more = masters + step; more <= policy.clusterBrokers.value; more += step) {
    const afterLossTps = sustainedBy({ ...built, masters: more }, surroundings).afterLoss(samples.count);
    if (afterLossTps < wanted) continue;
    const brokers = (more - masters) * hostsPerMaster(build);
    return {
      brokers,
      afterLossTps,
      ...(shape.pricePerMonth !== undefined && { cost: brokers * shape.pricePerMonth }),
    };
  }
  return undefined;
}

export function promiseOf(built: Trial, surroundings: Surroundings): ClusterPlan['promise'] {
  const { load, masters, clusters, needed, scenarios, capacity, fit, isOneQueue } = built;
  const carriers = isOneQueue ? Math.min(1, masters) : masters;
  const { policy, samples } = surroundings;
  const { count } = samples;
  const ofOne = (tps: number) => tps / clusters;
  const sustained = sustainedBy(built, surroundings);
  const spread = (of: (sample: number) => number): Estimate => {
    const mid = of(count);
    const drawn = Float64Array.from({ length: count }, (_, sample) => of(sample)).sort();
    const at = (share_: number) => drawn[Math.min(count - 1, Math.floor(share_ * count))] ?? mid;
    return { low: Math.min(mid, at(0.1)), mid, high: Math.max(mid, at(0.9)) };
  };
  const enough = needed.subarray(0, count).reduce((sum, each) => sum + (each <= masters ? 1 : 0), 0);
  const first = scenarios[0];
  const full = rateResources.map((resource) => {
    const { base } = load.rate[resource];
    return (carriers * capacity.resources[resource].full * clusters) / (base[count] as number);
  });
  const losses = scenarios
    .filter((scenario) => scenario !== first && scenario.against !== 'daily')
    .map(({ loss }) => loss);
  return {
    peakTps: spread((sample) => ofOne(load.peakTps[sample] as number)),
    safeTps: spread(sustained.safe),
    afterLossTps: spread(sustained.afterLoss),
    saturationTps: ofOne(load.peakTps[count] as number) * (1 + policy.headroom) * Math.min(...full),
    limitedBy: fit.decide(count).resource,
    probabilityEnough: count === 0 ? (masters >= (needed[0] as number) ? 1 : 0) : enough / count,
    survives: losses.map((loss) => lossText(loss).en),
    losses,
  };
}

/** For one broker that accepts messages, for the median. */
export function plannedResources(
  { masters, capacity, fit, isOneQueue }: Pick<Trial, 'masters' | 'capacity' | 'fit' | 'isOneQueue'>,
  { samples }: Pick<Surroundings, 'samples'>,
): PlannedResource[] {
  return [...rateResources, ...keptResources].flatMap((resource): PlannedResource[] => {
    const own = capacity.resources[resource];
    if (!Number.isFinite(own.full)) return [];
    const loads = fit.terms.flatMap((term, index) =>
      // During an election a broker may be saturated for seconds, so that use is not compared with `safe`.
      term.resource === resource && term.scenario.against === 'safe'
        ? [
            (fit.masters(index, samples.count) * fit.limitOf(index)) /
              (isOneQueue ? 1 : Math.max(1, left(term.scenario, masters))),
          ]
        : [],
    );
    return [
      {
        resource,
        unit: unitOf[resource],
        atPeak: loads[0] ?? 0,
        afterLoss: Math.max(...loads),
        safe: own.safe,
        full: own.full,
        source: own.source,
      },
    ];
  });
}
