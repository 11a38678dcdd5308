// Finds the highest sustainable rate: gallops to the first limit, bisects below it, confirms at full length.

import type { MessagesPerSecond } from '../../core/units.ts';
import { confirm, judge, type RateVerdict } from './driven-trial.ts';
import { createRateGrid } from './rate-grid.ts';
import type { Conclusion, SearchCourse } from './search-course.ts';
import type { FindMaxOptions, Started } from './search-options.ts';

/**
 * Simulated from starts between a quarter of the true maximum and the maximum: 1.5 needs 0.9 trials fewer than 2, since
 * fewer grid places are left to bisect, and never loads a cluster above 1.5 times its maximum.
 */
const gallopFactor = 1.5;
/** A grid place above any rate. */
const unbounded = 1e6;

/**
 * Position of the next trial between a passed and a failed rate, as a share of the places between them. A rate that
 * fails costs four trials and one that passes 1.18 (15 % of trials failing at random), so bisecting in the middle is
 * expensive: the search is shortest where t^4 + t^1.18 = 1, which is t = 0.74, and there a rate fails with probability
 * t^4 = 0.30. It also loads the cluster above its limit less often.
 */
const split = 0.3;

/**
 * Required lead of passed full trials: a rate 2 % too high, which passes a trial by luck in 2 % (noise of 1 % per
 * trial), is accepted in 0.04 %, and a sustainable rate is refused in 3 % (15 % of trials failing at random). A lead of
 * one would accept the first in 2 %; a lead of three costs one more full trial without a noticeable gain.
 */
const confirmingLead = 2;

/** A search that reaches this share of its start found a cluster that does not work, not a limit. */
const lowestShare = 1e-3;

export function* findMax(options: Started<FindMaxOptions>): SearchCourse {
  const { start, highest, width, trial: short, confirm: full, soak, verifications } = options;
  const grid = createRateGrid(start, width);
  const top = highest === undefined ? unbounded : grid.placeBelow(highest);
  const bottom = grid.placeBelow(start * lowestShare);
  const stride = grid.places(gallopFactor);
  const rejected: MessagesPerSecond[] = [];
  let because = 'highest-rate-held' as Conclusion['because'];
  /** `above`: lowest place that failed, or the first beyond what is allowed; `passed`: highest place that passed. */
  let above = top + 1;
  let passed = bottom - 1;

  yield* attempt(Math.min(0, top), 'gallop');
  while (passed < top && above > top) yield* attempt(Math.min(passed + stride, top), 'gallop');
  while (passed < bottom && above > bottom) yield* attempt(Math.max(above - stride, bottom), 'gallop');
  while (above - passed > 1) {
    yield* attempt(passed + Math.max(1, Math.round(split * (above - passed))), 'bisect');
  }
  for (let place = passed; place >= bottom; place -= 1) {
    if (yield* holds(place)) return { because, lower: grid.rate(place), rejected };
  }
  return { because: because === 'generator-limited' ? because : 'nothing-passed', rejected };

  function* attempt(place: number, purpose: 'gallop' | 'bisect') {
    const verdict = yield* judge({ rate: grid.rate(place), duration: short, purpose }, verifications);
    if (verdict === 'passed') passed = place;
    else exclude(place, verdict);
  }

  /** Short trials narrow the range; only full trials accept a rate. */
  function* holds(place: number) {
    const rate = grid.rate(place);
    const verdict = yield* confirm({ rate, duration: full, purpose: 'confirm' }, confirmingLead);
    if (verdict !== 'passed') return exclude(place, verdict);
    if (soak === undefined) return true;
    const soaked = yield* judge({ rate, duration: soak, purpose: 'soak' }, 1);
    return soaked === 'passed' || exclude(place, soaked);
  }

  function exclude(place: number, verdict: RateVerdict): false {
    above = place;
    because = verdict === 'beyond-generator' ? 'generator-limited' : 'bounds-met';
    if (verdict !== 'beyond-generator') rejected.push(grid.rate(place));
    return false;
  }
}
