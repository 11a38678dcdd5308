// Predicts the use of a broker's resources at a higher led rate, and the highest rate within every policy limit. Pure.

import type { PredictedUse } from '../../core/documents/redline.ts';
import { setsLimit } from '../../core/policy/policy.ts';
import { leastSquares } from '../../core/statistics/regression.ts';

/** Use of one resource of the broker per step, as shares of its capacity. */
export interface MeasuredUse {
  resource: string;
  node: string;
  /** Maximum share of the capacity according to the policy. */
  policyLimit: number;
  /** Share of the use that grows with the led rate, until it can be measured from three steps. */
  growth: number;
  /** One point per counted step: led rate, mean and p99 of one-second samples. */
  points: readonly { ledTps: number; mean: number; p99: number }[];
}

/** Minimum points for a line. */
const fewestPoints = 3;

/**
 * Predicts the p99 of one-second samples. With three steps, fits a line through their means; with fewer, use grows with
 * the led rate. The spread of seconds is the largest of the latest steps.
 */
export function predictedUse(
  { resource, node, policyLimit, growth, points }: MeasuredUse,
  ledTps: number,
): PredictedUse {
  const last = points.at(-1);
  const predicted = (use: number) => ({ resource, node, policyLimit, use });
  if (last === undefined) return predicted(0);
  const latest = points.slice(-fewestPoints);
  const spread = Math.max(1, ...latest.map(({ mean, p99 }) => (mean > 0 ? p99 / mean : 1)));
  if (last.ledTps <= 0) return predicted(last.p99);
  const line = lineOf(points);
  const mean = line
    ? Math.max(0, line.intercept + Math.max(0, line.slope) * ledTps)
    : last.mean * (1 + growth * (ledTps / last.ledTps - 1));
  return predicted(mean * spread);
}

export interface RateLimit {
  /** Led messages per second at which the first resource reaches its limit. */
  tps: number;
  limit: PredictedUse;
}

/** @returns undefined if no resource grows with the led rate; a rate at or below the current one if a limit is already reached */
export function firstLimit(uses: readonly MeasuredUse[]): RateLimit | undefined {
  const limits = uses.flatMap((use) => {
    const tps = rateAtLimit(use);
    return tps === undefined ? [] : [{ tps, limit: predictedUse(use, tps) }];
  });
  return limits.toSorted((a, b) => a.tps - b.tps)[0];
}

function rateAtLimit(use: MeasuredUse): number | undefined {
  const last = use.points.at(-1);
  if (last === undefined || !setsLimit(use.policyLimit)) return undefined;
  // Measured above the limit, so no higher rate is possible, whatever the line predicts.
  if (last.p99 > use.policyLimit) return 0;
  const at = (ledTps: number) => predictedUse(use, ledTps).use;
  const [here, beyond] = [at(last.ledTps), at(2 * last.ledTps)];
  if (!(beyond > here) || last.ledTps <= 0) return undefined;
  const slope = (beyond - here) / last.ledTps;
  return Math.max(0, last.ledTps + (use.policyLimit - here) / slope);
}

function lineOf(points: MeasuredUse['points']): { intercept: number; slope: number } | undefined {
  if (points.length < fewestPoints) return undefined;
  const [means, rates] = [points.map(({ mean }) => mean), points.map(({ ledTps }) => ledTps)];
  const fitted = leastSquares(means, [rates]);
  if (fitted === undefined) return undefined;
  const [intercept = 0, slope = 0] = fitted.coefficients;
  return { intercept, slope };
}
