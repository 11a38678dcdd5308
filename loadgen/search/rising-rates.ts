// Which rates does find-safe rise through? Each at most 10 % past the one before, and none above what is allowed.

import type { MessagesPerSecond } from '../../core/units.ts';
import { roundDown } from './rate-grid.ts';
import { steepestRise, type FindSafeOptions, type Started } from './search-options.ts';

/** @returns the rates of `find-safe` if none fails, as many as trials are allowed */
export function risingRates({ start, highest, rise, mostTrials }: Started<FindSafeOptions>): MessagesPerSecond[] {
  const rates: MessagesPerSecond[] = [];
  let rate: MessagesPerSecond | undefined = roundDown(start);
  while (rate !== undefined && rates.length < mostTrials) {
    rates.push(rate);
    rate = rateAfter(rate, rise, highest);
  }
  return rates;
}

/** @returns the next rate, no further than `rise` past the proven one; undefined where that is the highest allowed */
export function rateAfter(
  proven: MessagesPerSecond,
  rise: number,
  highest: MessagesPerSecond | undefined,
): MessagesPerSecond | undefined {
  const next = roundDown(proven * (1 + Math.min(rise, steepestRise)));
  if (highest === undefined || next <= highest) return next;
  return highest > proven ? highest : undefined;
}
