// Finds where a series becomes steady (MSER-5), and whether it drifts or grows (Mann-Kendall).

import type { Policy } from '../../../core/policy/policy.ts';
import { hasTrend, trendOf } from '../../../core/statistics/trend.ts';

/** White (1997): batches of five; a cut of more than half means that the run was too short, so nothing is cut. */
const batchSize = 5;
/** With fewer batches, the criterion follows noise. */
const fewestBatches = 10;
/** Larger batches limit the number of sums for a long step, and cut as well, because its warm-up takes minutes. */
const mostBatches = 50;

/** @returns samples per batch for a step with this many samples */
export const warmUpBatch = (samples: number): number =>
  batchSize * Math.max(1, Math.ceil(samples / (batchSize * mostBatches)));

/**
 * MSER-5: cuts where the variance of the remainder over the square of its length is smallest (White, Cobb and Spratt
 * 2000).
 *
 * @param batch samples per batch; five, as published, for a short series
 * @returns number of samples to remove at the start
 */
export function warmUpCut(series: readonly number[], batch = batchSize): number {
  const batches = Math.floor(series.length / batch);
  if (batches < fewestBatches) return 0;
  const means = Array.from({ length: batches }, (_, place) => {
    const samples = series.slice(place * batch, (place + 1) * batch);
    return samples.reduce((sum, value) => sum + value, 0) / batch;
  });
  let best = { cut: 0, error: Number.POSITIVE_INFINITY };
  let sum = 0;
  let squares = 0;
  for (let cut = batches - 1; cut >= 0; cut -= 1) {
    const value = means[cut] as number;
    sum += value;
    squares += value * value;
    const kept = batches - cut;
    const error = Math.max(0, squares - (sum * sum) / kept) / (kept * kept);
    if (cut <= batches / 2 && error <= best.error) best = { cut, error };
  }
  return best.cut * batch;
}

/**
 * @param driftShare allowed drift from start to end, as a share of the mean
 * @returns whether a trend is both significant (p < 0.05) and large
 */
export function isDrifting(series: readonly number[], driftShare: number): boolean {
  const trend = hasTrend(series) ? trendOf(series) : undefined;
  if (trend === undefined) return false;
  const level = series.reduce((sum, value) => sum + value, 0) / series.length;
  return Math.abs(trend.slope) * series.length > driftShare * Math.abs(level);
}

/** Consumers wait this long for a batch by default (Kafka: fetch.max.wait.ms). */
const longPollSeconds = 0.5;

/** @returns share of the rate by which a backlog may grow in a step of this length: a longer one shows slower growth */
export const growthShareIn = (seconds: number, { step: { growthShare, leastGrowthShare } }: Pick<Policy, 'step'>) =>
  Math.min(growthShare.value, Math.max(leastGrowthShare.value, longPollSeconds / seconds));

/**
 * @param perSecond least slope that counts as growth, units of the series per sample
 * @returns whether a backlog grows: an upward trend that is both significant (p < 0.05) and faster than `perSecond`
 */
export function isGrowing(backlog: readonly number[], perSecond: number): boolean {
  const trend = hasTrend(backlog) ? trendOf(backlog) : undefined;
  return trend !== undefined && trend.slope > perSecond;
}
