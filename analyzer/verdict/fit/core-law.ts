// Fits the use of cores, for which the cost of a message depends on how busy the cores are.

import { leastSquares, type LeastSquares } from '../../../core/statistics/regression.ts';

/**
 * The CPU time of a message depends on load:
 *
 * - A sleeping thread must be woken for the next request (futex, epoll, context switch, cold caches). Under load it is
 *   awake, or one wake-up serves many requests, so a message costs less.
 * - Hardware threads of one core share its units, caches fill, and threads wait for locks and run queues, so a message
 *   costs more.
 *
 * Both effects scale with the idle share of the cores, 1 − u. A message that costs b on full cores therefore costs
 * b · (1 + k·(1 − u)), with k > 0 where wake-ups prevail and k < 0 where contention does:
 *
 *     u = (a + b·x) · (1 + k·(1 − u))
 *
 * Solved for the work e in units of full cores, which is linear in the rate x:
 *
 *     e = u / (1 + k·(1 − u)) = a + b·x        u = (1 + k)·e / (1 + k·e)
 *
 * u = 1 is e = 1 for every k: cores are full at x = (1 − a) / b. k = 0 is a straight line.
 */
export interface CoreLaw extends LeastSquares {
  /** Relative surcharge of a message on idle cores over full cores; negative if it costs less on idle cores. */
  k: number;
}

export interface CorePoint {
  /** Messages per second. */
  x: number;
  /** Busy cores. */
  y: number;
}

export interface CoreContext {
  /** Cores. */
  capacity: number;
  /** Relative variance of a step's mean, computed from its seconds. */
  meanVariance: number;
}

/** @param share busy share of all cores, which may exceed one in a draw @returns work in units of full cores */
export function workAt(share: number, k: number): number {
  if (share <= 0) return share / (1 + k);
  // The law is undefined beyond full cores: extrapolate linearly.
  return share >= 1 ? 1 + (1 + k) * (share - 1) : share / (1 + k * (1 - share));
}

/** The inverse of `workAt`. */
export function shareAt(work: number, k: number): number {
  if (work <= 0) return (1 + k) * work;
  return work >= 1 ? 1 + (work - 1) / (1 + k) : ((1 + k) * work) / (1 + k * work);
}

/** Derivative of `workAt`. */
const slopeAt = (share: number, k: number) =>
  share <= 0 ? 1 / (1 + k) : share >= 1 ? 1 + k : (1 + k) / (1 + k * (1 - share)) ** 2;

/**
 * Prior of k: steps are few and core use varies by a tenth from second to second, so the steps alone seldom determine
 * it. Tests of eight brokers on one core needed k on both sides of 0, and with a larger deviation the noise of low
 * steps decided. Errors of later tests: docs/evidence/truth.md.
 */
const prior = { mean: 0, deviation: 0.2 };
const range = { from: -0.8, to: 0.8, step: 0.05 };
const ks = Array.from({ length: 33 }, (_, i) => range.from + i * range.step);

/** Least variance between steps, however many seconds they have. */
const leastNoise = 0.002 ** 2;
/** Number of equally likely laws that represent the distribution of k; enough for the ends of an interval. */
const laws = 15;

/**
 * Averages over k (Hoeting, Madigan, Raftery and Volinsky 1999): fits the line of the work for each k on a grid, and
 * weights it by the prior and by how well the steps agree.
 *
 * @returns the law at the median of k, and equally likely laws over the distribution of k; undefined if no line can be
 * fitted
 */
export function fitCores(
  points: readonly CorePoint[],
  { capacity, meanVariance }: CoreContext,
): { law: CoreLaw; likely: readonly CoreLaw[] } | undefined {
  const line = fitWith(0, points, capacity);
  if (line === undefined) return undefined;
  const isPositive = line.fitted.every((cores) => cores > 0);
  const expected = isPositive ? Array.from(line.fitted, (cores) => cores / capacity) : undefined;
  const candidates = ks.flatMap((k) => {
    const law = fitWith(k, points, capacity, expected);
    return law === undefined ? [] : [{ k, missed: missed(points, law) }];
  });
  const least = Math.min(...candidates.map((each) => each.missed));
  const freedom = Math.max(1, points.length - 3);
  const noise = Math.max(meanVariance, least / freedom, leastNoise);
  const weighed = candidates.map((each) => ({
    k: each.k,
    // Student's t for the data, normal for the prior.
    weight:
      (-(freedom + 1) / 2) * Math.log1p((each.missed - least) / noise / freedom) -
      ((each.k - prior.mean) / prior.deviation) ** 2 / 2,
  }));
  const quantile = quantilesOf(weighed);
  const fit = (share: number) => fitWith(quantile(share), points, capacity, expected) ?? line;
  return { law: fit(0.5), likely: Array.from({ length: laws }, (_, i) => fit((i + 0.5) / laws)) };
}

/** Sum of squared relative residuals. */
function missed(points: readonly CorePoint[], { fitted }: CoreLaw): number {
  return points.reduce((sum, { y }, i) => {
    const expected = fitted[i] as number;
    return sum + (expected > 0 ? (y / expected - 1) ** 2 : 1);
  }, 0);
}

/** @param candidates with log weights, evenly spaced @returns quantiles of k, with uniform density in each cell */
function quantilesOf(candidates: readonly { k: number; weight: number }[]): (share: number) => number {
  const most = Math.max(...candidates.map(({ weight }) => weight));
  const weights = candidates.map(({ weight }) => Math.exp(weight - most));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  return (share) => {
    let below = 0;
    for (const [i, weight] of weights.entries()) {
      const left = share * all - below;
      if (left <= weight) return (candidates[i] as { k: number }).k + range.step * (left / weight - 0.5);
      below += weight;
    }
    return (candidates.at(-1) as { k: number }).k;
  };
}

/**
 * Variance grows with use, as for counts; the fitted value is the work, so weights include the slope from use to work.
 *
 * @param expected shares of cores predicted by a plain line, for the weights
 */
function fitWith(
  k: number,
  points: readonly CorePoint[],
  capacity: number,
  expected?: readonly number[],
): CoreLaw | undefined {
  const squares = leastSquares(
    points.map(({ y }) => capacity * workAt(y / capacity, k)),
    [points.map(({ x }) => x)],
    expected?.map((share) => 1 / (capacity * share * slopeAt(share, k) ** 2)),
  );
  if (squares === undefined) return undefined;
  const fitted = Array.from(squares.fitted, (work) => shareAt(work / capacity, k));
  const n = points.length;
  return {
    ...squares,
    k,
    fitted: Float64Array.from(fitted, (share) => capacity * share),
    // Leverages of the use, converted from leverages of the work.
    shares: squares.shares.map((share, i) => share * slopeAt(fitted[i % n] as number, k)),
  };
}
