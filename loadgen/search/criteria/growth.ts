// Tests whether a backlog grows: a lower confidence bound of its mean increment, by batch means.

const batches = 10;
/** Student's t, one-sided 97.5 %, nine degrees of freedom (any table of it). */
const studentT = 2.262;

/**
 * The series is cut into ten batches of equal length; each gives one increment per second, and these are taken for
 * independent. For a queue that really fills they are. For one that swings around a level they are negatively
 * correlated, so that the bound lies too low: it never calls a swing a growth.
 *
 * @param samples once a second
 * @returns messages per second, and the bound it exceeds with 97.5 % confidence; undefined for fewer than eleven samples: a batch has a
 *   beginning and an end
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
 * A straight line through the samples, its slope with the same confidence. Where what is read comes in lumps of a second and
 * more, as from large fetches over a full link, batches of a second are inconclusive, and the line is not. It takes what the
 * samples are off it for independent, so that a queue that wanders looks surer than it is: ask for a rise that matters, too.
 *
 * @param samples once a second @returns undefined for fewer than eleven samples
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
