// Computes means, medians, quantiles and intervals of samples, and the distributions that jstat knows.

import jstat from 'jstat';

const { jStat } = jstat;

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += values[i] as number;
  return sum / values.length;
}

/** Highest mean of so many consecutive values, or of all if there are fewer. */
export function highestMean(values: readonly number[], most: number): number {
  const width = Math.min(most, values.length);
  let sum = values.slice(0, width).reduce((total, value) => total + value, 0);
  let highest = sum;
  for (const [index, value] of values.slice(width).entries()) {
    sum += value - (values[index] ?? 0);
    highest = Math.max(highest, sum);
  }
  return highest / width;
}

/** Avoids spreading the samples as arguments, which fails for a soak of two days. @returns undefined for none */
export function largest(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((most, value) => Math.max(most, value));
}

/** @returns the middle sample; for an even number the mean of the two in the middle; NaN for none */
export function median(values: ArrayLike<number>): number {
  return values.length === 0 ? Number.NaN : medianOf(Float64Array.from(values));
}

/** Ratio of the standard deviation to the median absolute deviation, for a normal distribution. */
export const normalMad = 1.4826;

/** @returns the smallest sample that at least `share` of the samples do not exceed (nearest rank: always a measured value) */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return Number.NaN;
  return ranked(Float64Array.from(values), Math.max(0, Math.ceil(share * values.length) - 1));
}

/** Student's t quantile of a two-sided interval with this confidence. */
export function studentT(confidence: number, degreesOfFreedom: number): number {
  return jStat.studentt.inv((1 + confidence) / 2, degreesOfFreedom);
}

/** Probability of an F at least as large by chance. */
export function fProbability(f: number, numerator: number, denominator: number): number {
  return 1 - jStat.centralF.cdf(f, numerator, denominator);
}

/** Quantile of the standard normal distribution. */
export function normalQuantile(probability: number): number {
  return jStat.normal.inv(probability, 0, 1);
}

/** Probability of at least `hits` successes in `trials`, each with the same probability. */
export function binomialTail(hits: number, trials: number, probability: number): number {
  if (hits <= 0 || probability >= 1) return 1;
  if (probability <= 0) return 0;
  const [yes, no] = [Math.log(probability), Math.log1p(-probability)];
  let logChoices = 0;
  let tail = 0;
  for (let count = 0; count <= trials; count += 1) {
    if (count > 0) logChoices += Math.log(trials - count + 1) - Math.log(count);
    if (count >= hits) tail += Math.exp(logChoices + count * yes + (trials - count) * no);
  }
  return Math.min(1, tail);
}

/** Two-sided probability of a standard normal at least as far from zero. */
export function normalProbability(z: number): number {
  return 2 * (1 - jStat.normal.cdf(Math.abs(z), 0, 1));
}

/** Bartlett-weighted (Newey and West 1987). @returns also `own`, the variance if samples were independent */
export function longRunVariance(values: ArrayLike<number>): {
  center: number;
  lags: number;
  variance: number;
  own: number;
} {
  const n = values.length;
  const center = mean(values);
  const lags = Math.floor(Math.sqrt(n));
  let variance = 0;
  let own = 0;
  for (let lag = 0; lag <= lags; lag += 1) {
    let covariance = 0;
    for (let i = lag; i < n; i += 1) {
      covariance += ((values[i] as number) - center) * ((values[i - lag] as number) - center);
    }
    if (lag === 0) own = covariance / n;
    variance += (covariance / n) * (lag === 0 ? 1 : 2 * (1 - lag / (lags + 1)));
  }
  return { center, lags, variance, own };
}

/**
 * Interval of the mean of a correlated series, by the Bartlett-weighted long-run variance (Newey and West 1987) and its equivalent
 * degrees of freedom, 3n / 2L (Priestley, Spectral Analysis and Time Series, 6.2.4). Samples a second apart share queues, so their
 * spread understates the error of the mean, and overstates it if bursts and gaps alternate.
 *
 * @returns undefined below four samples
 */
export function meanInterval(
  values: readonly number[],
  confidence: number,
): { value: number; low: number; high: number } | undefined {
  const n = values.length;
  if (n < 4) return undefined;
  const { center: value, lags, variance } = longRunVariance(values);
  const half = studentT(confidence, (3 * n) / (2 * lags)) * Math.sqrt(Math.max(0, variance) / n);
  return { value, low: Math.max(0, value - half), high: value + half };
}

/**
 * Returns the k-th smallest value, with none greater before it and none smaller after it (Hoare 1961, Algorithm 65). Reorders the
 * values.
 *
 * @param k from 0
 */
export function ranked(values: Float64Array, k: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1] as number;
    let i = low;
    let j = high;
    while (i <= j) {
      while ((values[i] as number) < pivot) i += 1;
      while ((values[j] as number) > pivot) j -= 1;
      if (i > j) break;
      const kept = values[i] as number;
      values[i] = values[j] as number;
      values[j] = kept;
      i += 1;
      j -= 1;
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else break;
  }
  return values[k] as number;
}

/** Returns the median; for an even count the mean of the two in the middle, for none 0. Reorders the values. */
export function medianOf(values: Float64Array): number {
  const middle = values.length >> 1;
  if (values.length === 0) return 0;
  const upper = ranked(values, middle);
  if (values.length % 2 === 1) return upper;
  // Values before the middle are not greater.
  let lower = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < middle; i += 1) lower = Math.max(lower, values[i] as number);
  return (lower + upper) / 2;
}
