// Selects the next trial as a pure function of earlier trials, so that a resumed search replays them.

import { AppError } from '../../core/errors.ts';
import type { SearchCertificate } from '../../core/documents/search-certificate.ts';
import { certify } from './certificate.ts';
import type { Conclusion, SearchCourse } from './search-course.ts';
import type { FindMaxOptions, FindSafeOptions, SearchOptions, Started } from './search-options.ts';
import type { Trial, TrialOutcome, TrialRecord } from './trial.ts';
import type { MessagesPerSecond } from '../../core/units.ts';
import { risingRates } from './rising-rates.ts';
import { createRateGrid } from './rate-grid.ts';

export type SearchStep = { kind: 'drive'; trial: Trial } | { kind: 'ended'; certificate: SearchCertificate };

export type RateSearch = ReturnType<typeof createSearch>;

export function createSearch(options: Started<SearchOptions>) {
  const begin = () => (options.kind === 'find-safe' ? findSafe(options) : findMax(options));
  return {
    /**
     * @param history every trial so far in order, including excluded ones; a trial that was stopped without an outcome
     * is omitted and repeated
     * @throws AppError run-edited if the history does not belong to this search
     */
    next(history: readonly TrialRecord[]): SearchStep {
      const course = begin();
      let step = course.next();
      for (const [index, { trial, outcome }] of history.entries()) {
        const former = history[index - 1];
        // Former versions repeated fewer trials: the failure that they recorded counts.
        const isRepeat = step.done !== true && step.value.rate === former?.trial.rate && !isSame(step.value, trial);
        if (isRepeat && former.outcome.kind === 'failed') step = course.next(former.outcome);
        if (step.done === true || !isSame(step.value, trial)) throw notOurs(index, trial, step);
        step = course.next(outcome);
      }
      if (step.done !== true && mayDrive(options, step.value, history)) return { kind: 'drive', trial: step.value };
      const conclusion = step.done === true ? step.value : cutShort(history);
      return { kind: 'ended', certificate: certify(options, history, conclusion) };
    },
  };
}

function mayDrive(options: SearchOptions, { purpose }: Trial, history: readonly TrialRecord[]): boolean {
  const soaks = history.filter(({ trial }) => trial.purpose === 'soak').length;
  const isSoakTooMany = options.kind === 'find-safe' && purpose === 'soak' && soaks >= options.mostSoaks;
  return history.length < options.mostTrials && !isSoakTooMany;
}

/** Rates that never passed are the best available upper bounds. */
function cutShort(history: readonly TrialRecord[]): Conclusion {
  const ratesOf = (kind: TrialOutcome['kind']) =>
    history.filter(({ outcome }) => outcome.kind === kind).map(({ trial }) => trial.rate);
  const passed = new Set(ratesOf('passed'));
  return { because: 'most-trials', rejected: ratesOf('failed').filter((rate) => !passed.has(rate)) };
}

const isSame = (one: Trial, other: Trial) =>
  one.rate === other.rate && one.duration === other.duration && one.purpose === other.purpose;

function notOurs(index: number, { rate, duration, purpose }: Trial, step: IteratorResult<Trial, Conclusion>): AppError {
  const expected =
    step.done === true
      ? 'the search is over before it'
      : `the search needs ${step.value.purpose} at ${step.value.rate} msg/s for ${step.value.duration} s`;
  return new AppError(
    'run-edited',
    `trial ${index + 1} of the run was ${purpose} at ${rate} msg/s for ${duration} s, and ${expected}`,
    { hint: 'resume a search with the options that it was started with; they are in run.json' },
  );
}

/**
 *     rate   proven   proven   proven  limit
 *      |                         .--.  .-.
 *      |                .--.    |    ||   |  .-----------------.   failed: one step lower, and
 *      |       .--.    |    |   |    ||   | |                  |   the whole soak again
 *      |      |    |   |    |   |    ||   | |       soak       |
 *      +------+----+---+----+---+----+-----+-+----------------+--- t
 *
 * No rate exceeds the last proven one by more than `rise`. A first rate that fails is tested once more. The result is
 * the rate of the soak that passed: it was tested, not computed.
 */
function* findSafe(options: Started<FindSafeOptions>): SearchCourse {
  const { trial: duration, soak, verifications } = options;
  const proven: MessagesPerSecond[] = [];
  const rejected: MessagesPerSecond[] = [];
  let because = 'highest-rate-held' as Conclusion['because'];
  for (const rate of risingRates(options)) {
    // The first rate is low, so a miss is more likely a cold start than a limit.
    const repeats = proven.length === 0 ? Math.max(1, verifications) : verifications;
    const verdict = yield* judge({ rate, duration, purpose: 'rise' }, repeats);
    if (verdict === 'passed') {
      proven.push(rate);
      continue;
    }
    refuse(rate, verdict);
    break;
  }
  for (const rate of proven.toReversed()) {
    const verdict = yield* judge({ rate, duration: soak, purpose: 'soak' }, verifications);
    if (verdict === 'passed') return { because, lower: rate, rejected };
    refuse(rate, verdict);
  }
  return { because: because === 'generator-limited' ? because : 'nothing-passed', rejected };

  function refuse(rate: MessagesPerSecond, verdict: RateVerdict): void {
    because = verdict === 'beyond-generator' ? 'generator-limited' : 'bounds-met';
    if (verdict !== 'beyond-generator') rejected.push(rate);
  }
}

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

/** Finds the highest sustainable rate: gallops to the first limit, bisects below it, confirms at full length. */
function* findMax(options: Started<FindMaxOptions>): SearchCourse {
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

/**
 * `overused`: failed by the use of a resource, in a trial in which a single second decides.
 * `guarded`: stopped by the guard, which is not a measurement error, so the rate is not tested again.
 * `beyond-generator`: the generator was the cause each time, so the result for the cluster is unknown.
 */
type RateVerdict = 'passed' | 'failed' | 'overused' | 'guarded' | 'beyond-generator';

type Judging = Generator<Trial, RateVerdict, TrialOutcome>;

/** A single exclusion may be a pause of the machine; three in a row are the generator's ceiling. */
const mostExclusions = 3;

function* drive(trial: Trial): Judging {
  for (let exclusions = 0; exclusions < mostExclusions; exclusions++) {
    const outcome = yield trial;
    if (outcome.kind === 'excluded') continue;
    if (outcome.kind === 'passed') return 'passed';
    const { kind } = outcome.violated;
    if (kind === 'guard') return 'guarded';
    return (kind === 'host' || kind === 'limit') && trial.duration < secondsOfP99 ? 'overused' : 'failed';
  }
  return 'beyond-generator';
}

/** The p99 of a shorter trial is its busiest second, which may be other work on the host, such as a scheduled job. */
const secondsOfP99 = 100;

/** @param verifications how often a failed rate is tried again, at least once if `overused`; the first pass clears it */
function* judge(trial: Trial, verifications: number): Judging {
  const mostOf: Partial<Record<RateVerdict, number>> = { failed: verifications, overused: Math.max(1, verifications) };
  let verdict = yield* drive(trial);
  for (let verification = 0; verification < (mostOf[verdict] ?? 0); verification++) {
    const purpose = trial.purpose === 'soak' ? 'soak' : 'verify';
    verdict = yield* drive({ ...trial, purpose });
  }
  return verdict;
}

/**
 * Repeats the same trial until passes lead failures by `lead`, or the reverse: Wald's sequential test of two
 * probabilities equally far from one half.
 */
function* confirm(trial: Trial, lead: number): Judging {
  for (let balance = 0; ;) {
    const verdict = yield* drive(trial);
    if (verdict === 'beyond-generator' || verdict === 'guarded') return verdict;
    balance += verdict === 'passed' ? 1 : -1;
    if (Math.abs(balance) >= lead) return verdict;
  }
}
