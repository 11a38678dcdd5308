// Divides the cost of a planned cluster among its reserves, and among its business domains.

import type { ClusterPlan } from '../../../core/documents/cluster-plan.ts';
import { plannedVector } from './message-vector.ts';

type Costed = Pick<ClusterPlan, 'broker' | 'mode' | 'replicas' | 'cost' | 'margin' | 'domains'>;

/** @returns the plan unchanged if it has no prices */
export function withCosts<Plan extends Costed>(plan: Plan): Plan {
  const { cost, margin, domains } = plan;
  if (cost === undefined) return plan;
  const uses = domains.map((domain) => useOf(domain, plan));
  const all = uses.reduce((sum, use) => sum + use, 0);
  return {
    ...plan,
    margin: { ...margin, ...reserveCosts(cost, margin) },
    domains: domains.map((domain, index) => ({
      ...domain,
      cost: all > 0 ? cost * ((uses[index] ?? 0) / all) : cost / domains.length,
    })),
  };
}

/** Reserves are factors, so their logarithms add up in any order. */
export function reserveCosts<Entry extends { factor: number }>(
  cost: number,
  { entries, product }: { entries: readonly Entry[]; product: number },
): { baseCost: number; entries: (Entry & { cost: number })[] } {
  const baseCost = cost / product;
  const ofLogarithm = product === 1 ? cost : (cost - baseCost) / Math.log(product);
  return { baseCost, entries: entries.map((entry) => ({ ...entry, cost: ofLogarithm * Math.log(entry.factor) })) };
}

/** Use of the resource that determined the number of brokers, in any unit. */
function useOf(domain: ClusterPlan['domains'][number], plan: Costed): number {
  const { peakTps, averageTps, retentionSeconds, partitions } = domain;
  const vector = plannedVector(plan, domain);
  switch (plan.margin.resource) {
    case 'disk-space':
      return averageTps * vector.disk * retentionSeconds;
    case 'partitions':
      return partitions;
    case 'network-in':
      return peakTps.mid * vector.in;
    case 'network-out':
      return peakTps.mid * vector.out;
    // The page cache keeps the latest writes.
    case 'disk-io':
    case 'memory':
      return peakTps.mid * vector.disk;
    default:
      return peakTps.mid;
  }
}
