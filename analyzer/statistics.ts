// What are the mean, the p99 and the interval of some samples? And the quantiles that jstat knows.

import jstat from 'jstat';

const { jStat } = jstat;

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** @returns the smallest sample that at least `share` of the samples do not exceed (nearest rank: never below what was seen) */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.ceil(share * sorted.length);
  return sorted[Math.max(0, rank - 1)] ?? Number.NaN;
}

/** Student's t that a two-sided interval of `confidence` reaches to. */
export function studentT(confidence: number, degreesOfFreedom: number): number {
  return jStat.studentt.inv((1 + confidence) / 2, degreesOfFreedom);
}

/** Probability of an F as large as this by chance. */
export function fProbability(f: number, numerator: number, denominator: number): number {
  return 1 - jStat.centralF.cdf(f, numerator, denominator);
}

/** Two-sided probability of a standard normal as far out as this. */
export function normalProbability(z: number): number {
  return 2 * (1 - jStat.normal.cdf(Math.abs(z), 0, 1));
}

/**
 * Interval of the mean of a correlated series, by non-overlapping batch means (Law, Simulation Modeling and Analysis, 9.5.3):
 * samples a second apart share queues, so their own spread understates how far the mean may be off.
 *
 * @returns undefined below four samples
 */
export function meanInterval(
  values: readonly number[],
  confidence: number,
): { value: number; low: number; high: number } | undefined {
  if (values.length < 4) return undefined;
  const batches = Math.min(10, Math.floor(values.length / 2));
  const size = Math.floor(values.length / batches);
  const means = Array.from({ length: batches }, (_, index) => mean(values.slice(index * size, (index + 1) * size)));
  const value = mean(values);
  const variance = means.reduce((sum, each) => sum + (each - mean(means)) ** 2, 0) / (batches - 1);
  const half = studentT(confidence, batches - 1) * Math.sqrt(variance / batches);
  return { value, low: Math.max(0, value - half), high: value + half };
}
