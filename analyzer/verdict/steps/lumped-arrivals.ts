// Computes the rate of a consumer group that gets messages in bursts, because it is throttled or has lag.

import { largest } from '../../../core/statistics/statistics.ts';

/** Of the largest sample: less is what an interval that was reported late spills into the next one. */
const arrivalShare = 0.1;

/**
 * The lag of such a group goes up and down, and its trend takes longer to show than a step lasts. The messages between
 * the first arrival and the last are its rate.
 *
 * @param before messages per second of the samples before the step, which may hold the arrival that the first wait
 * began at
 * @param within of those of the step
 * @returns messages per second at most, since each arrival lies somewhere in its sample; undefined where no sample was
 * without messages
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
