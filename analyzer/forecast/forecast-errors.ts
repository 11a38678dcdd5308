// Computes the 80% band around a forecast from its past errors at the same lead time.

import type { Trial } from './backtest.ts';
import { mean, normalQuantile, studentT } from '../../core/statistics/statistics.ts';
import { getOrMake } from '../../core/get-or-make.ts';

/** Errors of one method: differences, or relative errors if they grow with the expected value. */
export interface ForecastErrors {
  isRelative: boolean;
  /** Errors by lead, then by trial, without NaN. */
  leads: readonly (readonly Float64Array[])[];
}

/** Two-sided confidence of every band. */
export const confidence = 0.8;
export const [lowShare, highShare] = [(1 - confidence) / 2, (1 + confidence) / 2];

/** Steps of one lead, such as those of a day, count together, because their errors are correlated. */
export function forecastErrorsOf(trials: readonly Trial[], stepsPerLead: number): ForecastErrors {
  const isRelative = growsWithLevel(trials);
  const leads: Float64Array[][] = [];
  for (const { expected, actual } of trials) {
    for (let start = 0; start < actual.length; start += stepsPerLead) {
      const end = Math.min(actual.length, start + stepsPerLead);
      const misses = [];
      for (let i = start; i < end; i += 1) {
        const miss = forecastErrorOf(actual[i] as number, expected[i] as number, isRelative);
        if (!Number.isNaN(miss)) misses.push(miss);
      }
      if (misses.length > 0) (leads[start / stepsPerLead] ??= []).push(Float64Array.from(misses));
    }
  }
  return { isRelative, leads };
}

export function forecastErrorOf(actual: number, expected: number, isRelative: boolean): number {
  return isRelative ? (actual - expected) / expected : actual - expected;
}

export function withError(expected: number, miss: number, isRelative: boolean): number {
  return Math.max(0, isRelative ? expected * (1 + miss) : expected + miss);
}

/** Share of the median. Relative errors of smaller values, as on idle weekends, would be factors of thousands in busy hours. */
const leastExpected = 0.01;

/** Whether errors of the upper half of expected values exceed those of the lower half by more than the root of the ratio of the halves. */
function growsWithLevel(trials: readonly Trial[]): boolean {
  const pairs = trials.flatMap(({ expected, actual }) =>
    Array.from(expected, (each, i) => ({ expected: each, off: Math.abs((actual[i] as number) - each) })).filter(
      ({ off }) => !Number.isNaN(off),
    ),
  );
  pairs.sort((a, b) => a.expected - b.expected);
  const middle = Math.floor(pairs.length / 2);
  if (!((pairs[0]?.expected ?? 0) > leastExpected * (pairs[middle]?.expected ?? 0))) return false;
  const sum = (from: number, to: number, of: 'expected' | 'off') =>
    pairs.slice(from, to).reduce((total, each) => total + each[of], 0);
  const end = 2 * middle;
  const ratio = sum(middle, end, 'expected') / sum(0, middle, 'expected');
  return sum(middle, end, 'off') > Math.sqrt(ratio) * sum(0, middle, 'off');
}

/**
 * Quantiles of all errors of a lead, widened around their median for the uncertainty of few trials.
 *
 * Errors of the hours of one day are correlated, and so are those of neighbouring origins, which know nearly the same past. The variance
 * within a trial is well known; the variance between trials is estimated from an effective number of n·(1 − ρ)/(1 + ρ), where ρ is the
 * correlation of consecutive trials, and is widened by Student's t and √(1 + 1/n), as for a prediction interval.
 *
 * @param trials of one lead, in order of their origins
 * @param typical the same without outliers, for the variances
 */
export function errorQuantiles(
  trials: readonly Float64Array[],
  shares: readonly number[],
  typical = trials,
): number[] | undefined {
  const all = joined(trials).sort();
  if (all.length === 0) return undefined;
  const middle = quantileOf(all, 0.5);
  const widening = wideningOf(typical, all.length);
  return shares.map((share) => middle + (quantileOf(all, share) - middle) * widening);
}

/** @returns the value before widening that corresponds to this one: the inverse of the widening above */
export function withoutWidening(trials: readonly Float64Array[], value: number, typical = trials): number {
  const all = joined(trials).sort();
  const widening = wideningOf(typical, all.length);
  const middle = quantileOf(all, 0.5);
  return widening === 1 ? value : middle + (value - middle) / widening;
}

function joined(trials: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(sumOf(trials, ({ length }) => length));
  let at = 0;
  for (const each of trials) {
    all.set(each, at);
    at += each.length;
  }
  return all;
}

/** Interpolates linearly between the midpoints of ranks (Hazen 1914). */
function quantileOf(sorted: Float64Array, share: number): number {
  const at = Math.min(sorted.length - 1, Math.max(0, share * sorted.length - 0.5));
  const below = Math.floor(at);
  const [a, b] = [sorted[below] as number, sorted[Math.min(sorted.length - 1, below + 1)] as number];
  return a + (at - below) * (b - a);
}

/** Least effective number of trials: with fewer, Student's t has no useful width. */
const leastTrials = 4;

function wideningOf(trials: readonly Float64Array[], count: number): number {
  const n = trials.length;
  if (n < 2) return 1;
  const means = trials.map(mean);
  const center = mean(means);
  const perTrial = count / n;
  const within =
    perTrial <= 1 ? 0 : sumOf(trials, (each, i) => squaresAround(each, means[i] as number)) / (count - n || 1);
  const spread = sumOf(means, (each) => (each - center) ** 2) / (n - 1);
  const between = Math.max(0, spread - within / perTrial);
  if (!(between > 0)) return 1;
  const lagged = sumOf(means.slice(1), (each, i) => (each - center) * ((means[i] as number) - center));
  const raw = lagged / (spread * (n - 1));
  // Correlation around the sample mean is biased downwards by (1 + 3ρ)/n (Kendall 1954).
  const rho = Math.min(0.95, Math.max(0, raw + (1 + 3 * Math.max(0, raw)) / n));
  const effective = Math.max(leastTrials, (n * (1 - rho)) / (1 + rho));
  const factor = nextDrawFactor(effective);
  return Math.sqrt((within + between * factor ** 2) / (within + between));
}

const knownFactors = new Map<number, number>();

/** Ratio of a prediction interval to the spread of `effective` draws. Cached in steps of a tenth, because it is slow. */
function nextDrawFactor(effective: number): number {
  const tenths = Math.round(effective * 10);
  return getOrMake(knownFactors, tenths, () => {
    const n = tenths / 10;
    return (studentT(confidence, n - 1) * Math.sqrt(1 + 1 / n)) / normalQuantile(highShare);
  });
}

function squaresAround(values: Float64Array, center: number): number {
  return values.reduce((sum, value) => sum + (value - center) ** 2, 0);
}

function sumOf<Item>(items: readonly Item[], of: (item: Item, index: number) => number): number {
  return items.reduce((sum, item, index) => sum + of(item, index), 0);
}
