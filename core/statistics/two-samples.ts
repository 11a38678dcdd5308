// Compares two samples: the Mann-Whitney rank test, and an interval of the difference of their medians.

import { normalProbability, median, medianOf } from './statistics.ts';
import { seededRandom } from './seeded-random.ts';

// Computes how likely two samples differ by chance: the Mann-Whitney rank test, for any distributions.

/** Largest sample that is counted exactly: C(50, 25) is still exact in a double. */
const mostExact = 25;

/**
 * Two-sided. Ties get the mean of their ranks, and the exact count uses these ranks (permutation distribution;
 * Streitberg and Röhmel 1986, shift algorithm). Above 25 in a sample: normal approximation with correction for ties and
 * continuity (Hollander and Wolfe, Nonparametric Statistical Methods, 4.1).
 *
 * @returns 1 if one sample is empty
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 || b.length === 0) return 1;
  const ranks = doubledRanks([...a, ...b]);
  const ofA = ranks.slice(0, a.length).reduce((sum, rank) => sum + rank, 0);
  return a.length <= mostExact && b.length <= mostExact ? exact(ranks, a.length, ofA) : normal(ranks, a.length, ofA);
}

/** @returns the least p-value of two samples of these sizes, when every value of one is above every value of the other */
export function leastProbability(a: number, b: number): number {
  let ways = 1;
  for (let i = 1; i <= Math.min(a, b); i += 1) ways = (ways * (a + b + 1 - i)) / i;
  return Math.min(1, 2 / ways);
}

/** Twice the mid-rank of each value, so that ties stay whole numbers. */
function doubledRanks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).toSorted((x, y) => (values[x] ?? 0) - (values[y] ?? 0));
  const ranks = values.map(() => 0);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1] ?? 0] === values[order[from] ?? 0]) to += 1;
    for (let i = from; i <= to; i += 1) ranks[order[i] ?? 0] = from + to + 2;
    from = to + 1;
  }
  return ranks;
}

function exact(ranks: readonly number[], size: number, observed: number): number {
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  // ways[k][s]: number of subsets of k ranks with sum s.
  const ways = Array.from({ length: size + 1 }, () => new Float64Array(total + 1));
  (ways[0] as Float64Array)[0] = 1;
  for (const rank of ranks) {
    for (let k = size; k >= 1; k -= 1) {
      const [from, to] = [ways[k - 1] as Float64Array, ways[k] as Float64Array];
      for (let sum = total; sum >= rank; sum -= 1) to[sum] = (to[sum] as number) + (from[sum - rank] as number);
    }
  }
  const row = ways[size] as Float64Array;
  const all = row.reduce((sum, count) => sum + count, 0);
  const middle = (size * total) / ranks.length;
  const distance = Math.abs(observed - middle);
  // The tolerance covers rounding: sums are whole numbers, their mean may not be.
  const asFar = row.reduce((sum, count, at) => (Math.abs(at - middle) >= distance - 1e-9 ? sum + count : sum), 0);
  return Math.min(1, asFar / all);
}

function normal(ranks: readonly number[], size: number, observed: number): number {
  const all = ranks.length;
  const other = all - size;
  const ties = Map.groupBy(ranks, (rank) => rank);
  const tied = [...ties.values()].reduce((sum, { length }) => sum + length ** 3 - length, 0);
  const variance = ((size * other) / 12) * (all + 1 - tied / (all * (all - 1)));
  if (variance <= 0) return 1;
  const distance = Math.abs(observed / 2 - (size * (all + 1)) / 2) - 0.5;
  return Math.min(1, normalProbability(Math.max(0, distance) / Math.sqrt(variance)));
}

// Bounds the difference of two medians by resampling both many times (bootstrap).

/** With so many, the bounds of a 95% interval move by less than a twentieth of its width between seeds. */
const resamples = 2000;

interface Difference {
  /** Median of b over median of a, minus 1. */
  ratio: number;
  low: number;
  high: number;
}

/**
 * Percentile bootstrap (Efron and Tibshirani, An Introduction to the Bootstrap, 13.3).
 *
 * @returns undefined if a sample is empty or the median of `a` is 0
 */
export function medianDifference(
  a: readonly number[],
  b: readonly number[],
  confidence: number,
): Difference | undefined {
  if (a.length === 0 || b.length === 0 || median(a) === 0) return undefined;
  const [againA, againB] = [medianOfRedrawn(a, 'a'), medianOfRedrawn(b, 'b')];
  const ratios = Float64Array.from({ length: resamples }, () => againB() / againA() - 1)
    .filter(Number.isFinite)
    .sort();
  const at = (share: number) => ratios[Math.min(ratios.length - 1, Math.floor(share * ratios.length))] as number;
  return { ratio: median(b) / median(a) - 1, low: at((1 - confidence) / 2), high: at((1 + confidence) / 2) };
}

/** @param name seeds the draws, so that a comparison is repeatable */
function medianOfRedrawn(values: readonly number[], name: string): () => number {
  const random = seededRandom(name);
  const redrawn = new Float64Array(values.length);
  return () => {
    for (let i = 0; i < redrawn.length; i += 1) {
      redrawn[i] = values[Math.floor(random.uniform() * values.length)] as number;
    }
    return medianOf(redrawn);
  };
}
