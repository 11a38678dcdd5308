// Fits the use of cores, where the cost of a message depends on how busy the cores are.

import { leastSquares, type LeastSquares } from '../../../core/statistics/regression.ts';

/**
 * Cores do not spend the same time on a message at every load:
 *
 * - A thread that sleeps has to be woken for the next request (futex, epoll, context switch, cold caches). Under load it is awake, or
 *   one wake-up serves many requests. A message then costs less.
 * - Hardware threads of one core share its units, caches fill, locks and run queues are waited for. A message then costs more.
 *
 * Both fade in or out with the idle share of the cores, 1 − u. A message that costs b on full cores therefore costs
 * b · (1 + k·(1 − u)), with k > 0 where wake-ups prevail and k < 0 where contention does:
 *
 *     u = (a + b·x) · (1 + k·(1 − u))
 *
 * Solved for what is linear in the rate x, the work e in units of full cores:
 *
 *     e = u / (1 + k·(1 − u)) = a + b·x        u = (1 + k)·e / (1 + k·e)
 *
 * u = 1 is e = 1 for every k: cores are full at x = (1 − a) / b. k = 0 is a straight line.
 */
export interface CoreLaw extends LeastSquares {
  /** Above zero a message costs more on idle cores than on full ones, by this share. */
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
  /** Relative variance of the mean of a step, of its seconds. */
  meanVariance: number;
}

/** @param share of all cores that is busy, which a draw may put above one @returns work in units of full cores */
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

/** How much more work a little more use is. */
const slopeAt = (share: number, k: number) =>
  share <= 0 ? 1 / (1 + k) : share >= 1 ? 1 + k : (1 + k) / (1 + k * (1 - share)) ** 2;

/**
 * Expected k before the steps are considered: steps are few and the seconds of cores scatter by a tenth, so they alone seldom show it.
 * Tests of eight brokers on one core needed k on both sides of 0, and with a larger deviation the noise of low steps decided. Errors of
 * later tests: docs/truth.md.
 */
const prior = { mean: 0, deviation: 0.2 };
const range = { from: -0.8, to: 0.8, step: 0.05 };
const ks = Array.from({ length: 33 }, (_, i) => range.from + i * range.step);

/** Steps differ as a whole by this share at least, however many seconds they have. */
const leastNoise = 0.002 ** 2;
/** Laws that represent the remaining possibilities, each equally likely: enough for the ends of an interval. */
const laws = 15;

/**
 * k is averaged over (Hoeting, Madigan, Raftery and Volinsky 1999): for each k on a grid the line of the work is fitted, and weighed by
 * what was known before and by how well the steps agree.
 *
 * @returns the law at the median of k, and laws over all that k may be, each as likely as the others; undefined where there is no line
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
    // Student's t for the data, a normal for the prior.
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

/** @param candidates with logarithms of weights, evenly spaced @returns quantiles of k, each cell filled evenly */
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
 * Variance grows with use, as for counts; the fitted value is the work, so weights include its slope.
 *
 * @param expected shares of cores by a plain line, for the weights
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
    // Of the use, where least squares have them of the work.
    shares: squares.shares.map((share, i) => share * slopeAt(fitted[i % n] as number, k)),
  };
}
