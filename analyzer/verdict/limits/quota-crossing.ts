// Computes at which rate a byte quota is used up: arithmetic per message, without a law through steps.

import type { Policy } from '../../../core/policy/policy.ts';
import { measuredCrossing, type Crossing } from '../fit/crossing.ts';
import type { MeasuredStep } from '../steps/measured-step.ts';
import type { ResourceUse } from './resource-use.ts';
import { quantile } from '../../../core/statistics/statistics.ts';

/** Sizes of batches and names move what a request takes by this much to either side (docs/bytes.md). */
const sizeError = 0.02;

/** @param share of the quota, 1 where it is used up @returns undefined where no step used any of it */
export function quotaCrossing(
  { resource, node, uses, capacity }: ResourceUse,
  steps: readonly { step: MeasuredStep }[],
  share: number,
  policy: Policy,
): Crossing | undefined {
  const costs = steps.flatMap(({ step }, index) => {
    const use = uses[index];
    return use && use.mean > 0 && step.tps > 0 ? [use.mean / step.tps] : [];
  });
  if (costs.length === 0) return undefined;
  const limit = share * capacity.value;
  const value = limit / quantile(costs, 0.5);
  const low = Math.min(value * (1 - sizeError), limit / Math.max(...costs));
  const high = Math.max(value * (1 + sizeError), limit / Math.min(...costs));
  return measuredCrossing({ value, low, high }, policy.fit.confidence.value, { resource, node });
}
