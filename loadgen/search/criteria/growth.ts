// Tests whether a backlog grows, by a lower confidence bound of its mean increment from batch means.

const batches = 10;
/** Student's t, one-sided 97.5 %, nine degrees of freedom (standard table). */
const studentT = 2.262;

/**
 * Splits the series into ten batches of equal length; each gives one increment per second, and increments are assumed
 * to be independent. That holds for a growing queue. For a queue that oscillates around a level they are negatively
 * correlated, so the bound is too low: oscillation is never reported as growth.
 *
 * @param samples one per second
 * @returns growth in messages per second, and a lower bound with 97.5 % confidence; undefined for fewer than eleven
 * samples, because each batch has a beginning and an end
 */
export function growthOf(samples: readonly number[]) {
  if (samples.length <= batches) return undefined;
  const edge = (batch: number) => Math.round((batch * (samples.length - 1)) / batches);
  const increments = Array.from({ length: batches }, (_, batch) => {
    const [from, to] = [edge(batch), edge(batch + 1)];
    return ((samples[to] ?? 0) - (samples[from] ?? 0)) / (to - from);
  });
  const mean = increments.reduce((sum, value) => sum + value, 0) / batches;
  const variance = increments.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (batches - 1);
  return { perSecond: mean, lowerBound: mean - studentT * Math.sqrt(variance / batches) };
}

/**
 * Fits a straight line through the samples and bounds its slope with the same confidence. If reads arrive in bursts of
 * a second or more, as from large fetches over a saturated link, batches of one second are inconclusive, but the line
 * is not. It assumes independent residuals, so a queue that wanders looks more certain than it is: also require a
 * minimum rise.
 *
 * @param samples one per second
 * @returns undefined for fewer than eleven samples
 */
export function riseOf(samples: readonly number[]) {
  const count = samples.length;
  if (count <= batches) return undefined;
  const [middle, level] = [(count - 1) / 2, samples.reduce((sum, value) => sum + value, 0) / count];
  const squares = (count * (count ** 2 - 1)) / 12;
  const slope = samples.reduce((sum, value, at) => sum + (at - middle) * (value - level), 0) / squares;
  const off = samples.reduce((sum, value, at) => sum + (value - level - slope * (at - middle)) ** 2, 0);
  return { perSecond: slope, lowerBound: slope - studentT * Math.sqrt(off / (count - 2) / squares) };
}
