// Draws possible load curves: the forecast plus its error from one past origin each, with drawn promotions.

import type { Trial } from './backtest.ts';
import { forecastErrorOf, errorQuantiles, withError, withoutWidening } from './forecast-errors.ts';
import { reachOf, type StepEffect } from './promotion-effects.ts';

/** Expected load at a step without promotion, and the active promotion. */
export interface Expected {
  base: number;
  /** NaN where an event is on whose effect is not known. */
  log: number;
  effect?: StepEffect;
}

/** Evenly spread probabilities at which the multiplier of a promotion is taken. */
const draws = 9;

/**
 * Whole courses, not steps one by one: a forecast that is too low on Monday is too low on Tuesday, and the highest of a fortnight
 * depends on it.
 */
export function coursesOf(
  trials: readonly Trial[],
  expected: readonly Expected[],
  isRelative: boolean,
): Float64Array[] {
  const whole = trials.filter(({ actual }) => actual.length === expected.length);
  const hasSpread = expected.some(({ effect }) => effect?.spread !== undefined);
  const shares = hasSpread ? Array.from({ length: draws }, (_, i) => (i + 0.5) / draws) : [0.5];
  return whole.flatMap((trial) => {
    const misses = trial.expected.map((guess, i) => forecastErrorOf(trial.actual[i] as number, guess, isRelative));
    return shares.map((share) =>
      Float64Array.from(expected, ({ base, log, effect }, i) => {
        const miss = misses[i] as number;
        const course = Number.isNaN(miss) ? base : withError(base, miss, isRelative);
        return course * Math.exp(log + drawn(effect, share));
      }),
    );
  });
}

function drawn(effect: StepEffect | undefined, share: number): number {
  if (effect === undefined || share === 0.5) return 0;
  return Math.sign(share - 0.5) * reachOf(effect, Math.abs(2 * share - 1));
}

/** Quantile of the highest value of a course. @param courses grouped by trial. @returns undefined without courses */
export function highestOf(courses: readonly Float64Array[], trials: number, share: number): number | undefined {
  return errorQuantiles(topsByTrial(courses, trials), [share])?.[0];
}

function topsByTrial(courses: readonly Float64Array[], trials: number): Float64Array[] {
  const tops = courses.map((course) => course.reduce((top, value) => (value > top ? value : top), 0));
  const perTrial = tops.length / Math.max(1, trials);
  return Array.from({ length: trials }, (_, i) => Float64Array.from(tops.slice(i * perTrial, (i + 1) * perTrial)));
}

export interface Crossing {
  /** Share of the courses that reach the limit. */
  probability: number;
  courses: number;
  /** First step by which this share of courses has reached it; absent if fewer ever do. */
  reached: { probability: number; step: number }[];
}

/** The highest values are spread as `highestOf` has them, so that its quantiles are reached as often as they say. */
export function crossingOf(courses: readonly Float64Array[], trials: number, limit: number): Crossing {
  const reachedAt = withoutWidening(topsByTrial(courses, trials), limit);
  const firsts = courses
    .filter((course) => course.some((value) => value >= reachedAt))
    // Below the middle, `reachedAt` is above the limit, which a course reaches earlier.
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
