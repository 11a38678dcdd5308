// Scores a forecast method: error relative to the seasonal naive method, quantile loss, and coverage of its band.

import type { Past } from './candidates.ts';
import type { Trial } from './backtest.ts';
import {
  errorQuantiles,
  type ForecastErrors,
  forecastErrorsOf,
  highShare,
  lowShare,
  withError,
} from './forecast-errors.ts';

export interface Score {
  /** Mean absolute error over that of a repetition of last week (Hyndman and Koehler 2006); below 1 is better. */
  mase: number;
  /** Mean quantile loss at 10% and 90%, in the unit of the load. */
  pinball: number;
  /** Share of values within the band, where the band of each trial comes from the errors of the others. */
  coverage: number;
  /** Number of compared values. */
  compared: number;
}

/** @returns undefined if the method has no value to compare */
export function scoreOf(
  trials: readonly Trial[],
  past: Past,
  stepsPerLead: number,
): { score: Score; misses: ForecastErrors } | undefined {
  const misses = forecastErrorsOf(trials, stepsPerLead);
  let [off, loss, within, judged, compared] = [0, 0, 0, 0, 0];
  const places = new Map<number, number>();
  for (const { expected, actual } of trials) {
    for (let start = 0; start < actual.length; start += stepsPerLead) {
      const lead = start / stepsPerLead;
      const end = Math.min(actual.length, start + stepsPerLead);
      const known = [];
      for (let i = start; i < end; i += 1) {
        const [value, guess] = [actual[i] as number, expected[i] as number];
        if (!Number.isNaN(value) && !Number.isNaN(guess)) known.push({ value, guess });
      }
      if (known.length === 0) continue;
      // forecastErrorsOf omitted the same leads, so this index stays in step with it.
      const place = places.get(lead) ?? 0;
      places.set(lead, place + 1);
      const others = (misses.leads[lead] ?? []).filter((_, i) => i !== place);
      const [low, high] = errorQuantiles(others, [lowShare, highShare]) ?? [];
      for (const { value, guess } of known) {
        off += Math.abs(value - guess);
        compared += 1;
        if (low === undefined || high === undefined) continue;
        const [floor, ceiling] = [withError(guess, low, misses.isRelative), withError(guess, high, misses.isRelative)];
        loss += (quantileLoss(value, floor, lowShare) + quantileLoss(value, ceiling, highShare)) / 2;
        if (value >= floor && value <= ceiling) within += 1;
        judged += 1;
      }
    }
  }
  const scale = weeklyDifference(past);
  if (compared === 0 || judged === 0 || scale === undefined) return undefined;
  return {
    score: { mase: off / compared / scale, pinball: loss / judged, coverage: within / judged, compared },
    misses,
  };
}

function quantileLoss(value: number, quantile: number, share: number): number {
  return value >= quantile ? share * (value - quantile) : (1 - share) * (quantile - value);
}

function weeklyDifference({ values, period }: Past): number | undefined {
  let [sum, count] = [0, 0];
  for (let i = period; i < values.length; i += 1) {
    const difference = Math.abs((values[i] as number) - (values[i - period] as number));
    if (Number.isNaN(difference)) continue;
    sum += difference;
    count += 1;
  }
  // An exactly periodic load has an error of 0; a tiny value keeps the ratio finite.
  return count === 0 ? undefined : Math.max(sum / count, 1e-12);
}
