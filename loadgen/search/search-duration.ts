// Computes an upper bound on the duration of a search, for --dry-run.

import { seconds, type Seconds } from '../../core/clock.ts';
import type { MessagesPerSecond } from '../../core/units.ts';
import { exactDurationText, roundedDurationText } from '../../core/text/duration-text.ts';
import { rateText } from '../../core/text/quantity-text.ts';
import { risingRates } from './rising-rates.ts';
import type { FindMaxOptions, FindSafeOptions, SearchOptions, Started } from './search-options.ts';
import type { TrialRecord } from './trial.ts';

interface Circumstances {
  /** Maximum draining time between two trials, in addition to `settle`. */
  drain: Seconds;
  /** Predicted limit. */
  expected?: MessagesPerSecond;
}

/** Computes an upper bound in which every trial has its full length; a limit or early rejections shorten the search. */
export function longestSearch(options: Started<SearchOptions>, circumstances: Circumstances) {
  return options.kind === 'find-safe' ? longestRise(options, circumstances) : longestBisection(options, circumstances);
}

/** @param drain maximum draining time between two trials @param done trials already judged */
export function longestSearchSeconds(
  options: SearchOptions,
  drain: Seconds,
  done: readonly Pick<TrialRecord, 'trial'>[] = [],
): Seconds {
  const trials = Math.max(0, options.mostTrials - done.length);
  const between = options.settle + drain;
  if (options.kind === 'find-max') {
    const { trial, confirm, soak = 0 } = options;
    // More soaks follow only if a soak fails after two trials have confirmed its rate.
    return seconds(trials * (Math.max(trial, confirm) + between) + (trials > 0 ? soak : 0));
  }
  const soaked = done.filter(({ trial }) => trial.purpose === 'soak').length;
  const soaks = Math.min(trials, Math.max(0, options.mostSoaks - soaked));
  return seconds((trials - soaks) * (options.trial + between) + soaks * (options.soak + between));
}

function longestRise(options: Started<FindSafeOptions>, { drain, expected }: Circumstances) {
  const { mostTrials, mostSoaks, trial, soak, settle } = options;
  const toLimit = risingRates(options)
    .take(mostTrials)
    .filter((rate) => expected === undefined || rate <= expected)
    .toArray();
  const last = toLimit.at(-1) ?? options.start;
  const each = trial + settle + drain;
  const way = `${toLimit.length} rates from ${rateText(options.start)} to ${rateText(last)}`;
  return {
    atMost: longestSearchSeconds(options, drain),
    explanation: [
      `${way}, each tested for ${exactDurationText(trial)}: ${roundedDurationText(toLimit.length * each)} if no limit is reached before`,
      `then ${exactDurationText(soak)} at the last rate that passed; where that fails, again one rate lower, ${mostSoaks} times at most`,
      `at most ${mostTrials} trials, repeated ones included`,
    ],
  };
}

function longestBisection(options: Started<FindMaxOptions>, { drain }: Circumstances) {
  const { start, mostTrials, trial, confirm, soak } = options;
  return {
    atMost: longestSearchSeconds(options, drain),
    explanation: [
      `trials of ${exactDurationText(trial)} from ${rateText(start)} on, up by half until one fails, then between`,
      `trials of ${exactDurationText(confirm)} confirm what is found`,
      ...(soak === undefined
        ? []
        : [`one of ${exactDurationText(soak)} follows; each that fails is repeated at a lower rate, in more time`]),
      `at most ${mostTrials} trials, repeated ones included`,
    ],
  };
}
