// Samples possible load curves: the forecast plus its error from one past origin each, with random promotion effects.

import type { Trial } from './backtest.ts';
import { errorQuantiles, forecastErrorOf, lowShare, withError, withoutWidening } from './forecast-errors.ts';
import { reachOf, type StepEffect } from './promotion-effects.ts';

/** Expected load at a step without promotion, and the active promotion. */
export interface Expected {
  base: number;
  /** NaN during an event with unknown effect. */
  log: number;
  effect?: StepEffect;
}

/** Number of evenly spaced quantiles at which the multiplier of a promotion is sampled: 10%, 50% and 90% are among them. */
const draws = 45;

/**
 * Samples whole curves, not single steps: a forecast that is too low on Monday is also too low on Tuesday, which affects the
 * maximum of a fortnight.
 */
export function coursesOf(
  trials: readonly Trial[],
  expected: readonly Expected[],
  isRelative: boolean,
): Float64Array[] {
  const whole = trials.filter(({ actual }) => actual.length === expected.length);
  const hasSpread = expected.some(({ effect }) => effect?.spread !== undefined);
  const shares = hasSpread ? Array.from({ length: draws }, (_, i) => (i + 0.5) / draws) : [0.5];
  // The same for each trial: a quantile of Student's t is slow.
  const multipliers = shares.map((share) =>
    Float64Array.from(expected, ({ log, effect }) => Math.exp(log + drawn(effect, share))),
  );
  return whole.flatMap((trial) => {
    const course = Float64Array.from(expected, ({ base }, i) => {
      const miss = forecastErrorOf(trial.actual[i] as number, trial.expected[i] as number, isRelative);
      return Number.isNaN(miss) ? base : withError(base, miss, isRelative);
    });
    return multipliers.map((factors) => course.map((value, i) => value * (factors[i] as number)));
  });
}

function drawn(effect: StepEffect | undefined, share: number): number {
  if (effect === undefined || share === 0.5) return 0;
  return Math.sign(share - 0.5) * reachOf(effect, Math.abs(2 * share - 1));
}

/** Returns a quantile of the maxima of the curves. @param courses grouped by trial. @returns undefined without curves */
export function highestOf(courses: readonly Float64Array[], trials: number, share: number): number | undefined {
  const tops = topsByTrial(courses, trials);
  return errorQuantiles(tops, [share], tops.map(withoutTails))?.[0];
}

/** After two promotions, the outermost multipliers have no bounded variance, which would hide the variance between trials. */
function withoutTails(tops: Float64Array): Float64Array {
  const ordered = tops.toSorted();
  const cut = Math.floor(lowShare * tops.length);
  const [low, high] = [ordered[cut] as number, ordered[tops.length - 1 - cut] as number];
  return tops.map((top) => Math.min(high, Math.max(low, top)));
}

function topsByTrial(courses: readonly Float64Array[], trials: number): Float64Array[] {
  const tops = courses.map((course) => course.reduce((top, value) => (value > top ? value : top), 0));
  const perTrial = tops.length / Math.max(1, trials);
  return Array.from({ length: trials }, (_, i) => Float64Array.from(tops.slice(i * perTrial, (i + 1) * perTrial)));
}

export interface Crossing {
  /** Share of the curves that reach the limit. */
  probability: number;
  courses: number;
  /** First step by which this share of curves has reached it; absent if fewer ever do. */
  reached: { probability: number; step: number }[];
}

/** Scales the maxima to the distribution of `highestOf`, so that its quantiles are reached with their stated probability. */
export function crossingOf(courses: readonly Float64Array[], trials: number, limit: number): Crossing {
  const tops = topsByTrial(courses, trials);
  const reachedAt = withoutWidening(tops, limit, tops.map(withoutTails));
  const firsts = courses
    .filter((course) => course.some((value) => value >= reachedAt))
    // Below the median, `reachedAt` is above the limit, which a curve reaches earlier.
    .map((course) => course.findIndex((value) => value >= Math.min(limit, reachedAt)))
    .sort((a, b) => a - b);
  return {
    probability: firsts.length / courses.length,
    courses: courses.length,
    reached: [0.1, 0.5, 0.9].flatMap((probability) => {
      const step = firsts[Math.ceil(probability * courses.length - 1e-9) - 1];
      return step === undefined ? [] : [{ probability, step }];
    }),
  };
}
