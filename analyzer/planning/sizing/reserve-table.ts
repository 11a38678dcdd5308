// Computes the reserve table: the factors from today's peak to the installed capacity, and their product.

import type { BusinessDomain, Estimate, ReserveTable } from '../../../core/documents/cluster-plan.ts';
import { capacityText } from '../../../core/text/quantity-text.ts';
import type { Candidate } from './candidates.ts';
import { left } from './scenarios.ts';
import {
  loadDraws,
  type LoadDraws,
  type PlannedResourceName,
  type RateResource,
  unitOf,
} from './cluster-load-draws.ts';
import type { ClusterRequest } from './request.ts';
import { reserveWhy, type ReserveFacts, type ReserveKind } from '../../../core/documents/reasons/reserve-reasons.ts';
import type { SizingPolicy } from './sizing-policy.ts';
import { planSamplesOf } from './plan-samples.ts';
import type { Surroundings } from './trial.ts';

type Entry = ReserveTable['entries'][number];
const one: Estimate = { low: 1, mid: 1, high: 1 };

export function reserveTableOf(
  request: ClusterRequest,
  candidate: Candidate,
  sample: number,
  { policy }: Pick<Surroundings, 'policy'>,
): ReserveTable {
  const { build, clusters, masters, capacity, load, fit } = candidate;
  const decided = fit.decide(sample);
  const { resource, scenario, limit } = decided;
  const isUsual = scenario.against === 'daily';
  const of = (draws: LoadDraws) => middle(draws, resource, isUsual) / clusters;
  const brokers = { ...build, clusters, masters };
  const changed = (domains: readonly BusinessDomain[], own: SizingPolicy) =>
    of(loadDraws({ domains }, brokers, nobodyKnows, own));
  const plain: SizingPolicy = { ...policy, skew: { ...policy.skew, value: 1 }, headroom: 0 };
  const today = changed(request.domains.map(withoutGrowth).map(withoutPromotion), plain);
  const grown = changed(request.domains.map(withoutPromotion), plain);
  const promoted = isUsual ? grown : changed(request.domains, plain);
  const reserved = of(load);
  const caughtUp = scenario.catchUp && isRate(resource) ? middleOf(load.rate[resource].catchUp) / clusters : 0;
  const { full } = capacity.resources[resource];
  const expected = Math.max(
    ...fit.terms.map((each, term) =>
      each.scenario === scenario && each.resource === resource ? fit.masters(term, load.peakTps.length - 1) : 0,
    ),
  );
  const stays = left(scenario, masters);
  const entries: Entry[] = [
    entry('growth', grown / today),
    entry('promotion', promoted / grown),
    entry('skew', policy.skew.value, { source: policy.skew.source }),
    entry('headroom', reserved / promoted / policy.skew.value),
    entry('catch-up', (reserved + caughtUp) / reserved),
    entry('rebuild', (expected * limit) / (reserved + caughtUp)),
    entry('interval', decided.masters / expected),
    entry(isUsual ? 'daily-share' : 'policy', full / limit),
    entry('loss', masters / stays, { loss: scenario.loss, left: stays, masters }),
    entry('whole-brokers', stays / decided.masters),
  ];
  return {
    resource,
    base: { value: today, unit: unitOf[resource] },
    installed: masters * full,
    entries: entries.filter(({ factor }) => Math.abs(factor - 1) > 1e-9),
    product: (masters * full) / today,
  };
}

const nobodyKnows = planSamplesOf('margin', 0);

const entry = (reserve: ReserveKind, factor: number, facts?: ReserveFacts): Entry => ({
  reserve,
  factor,
  why: reserveWhy({ reserve, facts }, 'en'),
  ...(facts && { facts }),
});
const isRate = (resource: PlannedResourceName): resource is RateResource =>
  resource !== 'disk-space' && resource !== 'memory' && resource !== 'partitions';
const middleOf = (draws: Float64Array): number => draws.at(-1) as number;

function middle({ rate, kept }: LoadDraws, resource: PlannedResourceName, isUsual: boolean): number {
  if (!isRate(resource)) return middleOf(kept[resource]);
  return middleOf(isUsual ? rate[resource].usual : rate[resource].base);
}

const withoutGrowth = (domain: BusinessDomain): BusinessDomain => ({
  ...domain,
  demand: { ...domain.demand, growth: one },
});
const withoutPromotion = (domain: BusinessDomain): BusinessDomain => ({
  ...domain,
  demand: { ...domain.demand, promotion: { ...domain.demand.promotion, multiplier: one } },
});

/** `8.3 MB/s × growth 1.3 × … = 61 MB/s`. */
export function reserveTableText({ base, entries, installed, product }: ReserveTable): string {
  const factors = entries.map(({ reserve, factor }) => `${reserve} ${factor.toFixed(2)}`).join(' × ');
  const amount = (value: number) => capacityText(value, base.unit);
  return `${amount(base.value)} × ${factors} = ${amount(installed)} (${product.toFixed(2)} times)`;
}
