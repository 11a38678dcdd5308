// Samples the uncertain inputs, reproducible by seed.

import type { BusinessDomain, Estimate } from '../../../core/documents/cluster-plan.ts';
import { seededRandom } from '../../../core/statistics/seeded-random.ts';
import { normalQuantile } from '../../../core/statistics/statistics.ts';

/** 90% quantile of the standard normal. */
const highEnd = normalQuantile(0.9);

/**
 * One value per sample, and the median last. Logarithms are normal on either side of the median: 10% are below
 * `low` and 10% above `high`. A larger estimate is larger in every sample, since the draws are reused.
 */
export function drawn({ low, mid, high }: Estimate, normals: Float64Array): Float64Array {
  if (low === high) return normals.map(() => mid);
  const [below, above] = [Math.log(mid / low) / highEnd, Math.log(high / mid) / highEnd];
  return normals.map((z) => (z === 0 ? mid : mid * Math.exp(z * (z < 0 ? below : above))));
}

/** @returns standard normals, one per sample, and 0 for the middle */
function normalsOf(seed: string, name: string, count: number): Float64Array {
  const random = seededRandom(`${seed}/${name}`);
  const normals = new Float64Array(count + 1);
  for (let sample = 0; sample < count; sample += 1) normals[sample] = random.normal();
  return normals;
}

const uncertainInputs = ['peakTps', 'averageTps', 'messageBytes', 'growth', 'promotion'] as const;
type UncertainInput = (typeof uncertainInputs)[number];

export type DemandDraws = Record<UncertainInput, Float64Array>;

export interface PlanSamples {
  seed: string;
  count: number;
  /** Draws for capacities: one for everything measured, one for byte arithmetic. */
  capacity: Float64Array;
  wire: Float64Array;
}

export const planSamplesOf = (seed: string, count: number): PlanSamples => ({
  seed,
  count,
  capacity: normalsOf(seed, 'capacity', count),
  wire: normalsOf(seed, 'wire', count),
});

export function demandDraws({ name, demand }: BusinessDomain, { seed, count }: PlanSamples): DemandDraws {
  const estimates: Record<UncertainInput, Estimate> = { ...demand, promotion: demand.promotion.multiplier };
  return Object.fromEntries(
    uncertainInputs.map((input) => [input, drawn(estimates[input], normalsOf(seed, `${name}/${input}`, count))]),
  ) as DemandDraws;
}
