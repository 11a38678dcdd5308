// Selects the next trial as a pure function of earlier trials, so that a resumed search replays them.

import { AppError } from '../../core/errors.ts';
import type { SearchCertificate } from '../../core/documents/search-certificate.ts';
import { certify } from './certificate.ts';
import { findMax } from './find-max.ts';
import { findSafe } from './find-safe.ts';
import type { Conclusion } from './search-course.ts';
import type { SearchOptions, Started } from './search-options.ts';
import type { Trial, TrialOutcome, TrialRecord } from './trial.ts';

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
      : `the search asks for ${step.value.purpose} at ${step.value.rate} msg/s for ${step.value.duration} s`;
  return new AppError(
    'run-edited',
    `trial ${index + 1} of the run was ${purpose} at ${rate} msg/s for ${duration} s, and ${expected}`,
    { hint: 'resume a search with the options that it was started with; they are in run.json' },
  );
}
