// Computes the rate of a consumer group that receives messages in bursts, because it is throttled or has lag.

import { largest } from '../../../core/statistics/statistics.ts';

/** Least arrival, as a share of the largest sample: a late report moves less than this into the next sample. */
const arrivalShare = 0.1;

/**
 * The lag of such a group oscillates, and its trend takes longer to show than a step lasts. Its rate is computed from
 * the messages between the first arrival and the last.
 *
 * @param before messages per second of the samples before the step, which may contain the arrival at the start of the
 * first wait
 * @param within messages per second of the samples of the step
 * @returns an upper bound in messages per second, since the time of an arrival within its sample is unknown; undefined
 * if no sample was without messages
 */
export function lumpedTps(
  before: readonly number[],
  within: readonly number[],
  sampleSeconds: number,
): number | undefined {
  const series = [...before, ...within];
  const least = arrivalShare * (largest(series) ?? 0);
  const isArrival = (rate: number) => rate > least;
  const last = series.findLastIndex(isArrival);
  if (last < before.length) return undefined;
  const earlier = before.findLastIndex(isArrival);
  const first = earlier === -1 ? series.findIndex(isArrival) : earlier;
  const taken = series.slice(first + 1, last + 1);
  if (taken.length < 2 || taken.every(isArrival)) return undefined;
  const shortest = (taken.length - 1) * sampleSeconds;
  return (taken.reduce((sum, rate) => sum + rate, 0) * sampleSeconds) / shortest;
}
