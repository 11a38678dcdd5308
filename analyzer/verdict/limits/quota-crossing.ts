// Computes at which rate a byte quota is used up, from the bytes per message, without a law through steps.

import type { Policy } from '../../../core/policy/policy.ts';
import { measuredCrossing, type Crossing } from '../fit/crossing.ts';
import type { MeasuredStep } from '../steps/measured-step.ts';
import type { ResourceUse } from './resource-use.ts';
import { quantile } from '../../../core/statistics/statistics.ts';

/** Batch sizes and name lengths change the bytes of a request by this share in either direction (docs/explanation/bytes.md). */
const sizeError = 0.02;

/** @param share of the quota; 1: used up @returns undefined if no step used any of it */
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
