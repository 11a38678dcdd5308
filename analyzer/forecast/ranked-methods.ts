// Chooses the forecast method with the lowest error from past origins.

import { backtest, type Trial } from './backtest.ts';
import type { ForecastMethod } from '../../core/documents/forecast.ts';
import { candidates } from './candidates/registry.ts';
import type { Past } from './candidates/candidate.ts';
import type { ForecastErrors } from './forecast-errors.ts';
import { scoreOf, type Score } from './score.ts';

export interface RankedMethod {
  name: ForecastMethod;
  score: Score;
  misses: ForecastErrors;
  trials: readonly Trial[];
}

/** Least relative improvement over a simpler method: less is chance. */
const leastGain = 0.01;
/** Least share of values that a method must forecast, compared with other methods, to be considered. */
const leastCompared = 0.95;

/** @returns the chosen method first, then the others by error; empty if none could be compared */
export function rankedMethods(
  past: Past,
  origins: readonly number[],
  horizon: number,
  stepsPerLead: number,
): RankedMethod[] {
  const ways = Object.entries(candidates).flatMap(([name, candidate]): RankedMethod[] => {
    const trials = backtest(past, candidate, origins, horizon);
    const scored = scoreOf(trials, past, stepsPerLead);
    return scored === undefined ? [] : [{ name: name as ForecastMethod, trials, ...scored }];
  });
  const most = Math.max(0, ...ways.map(({ score }) => score.compared));
  const able = ways.filter(({ score }) => score.compared >= leastCompared * most);
  let best: RankedMethod | undefined;
  for (const way of able) {
    if (best === undefined || way.score.mase < best.score.mase * (1 - leastGain)) best = way;
  }
  if (best === undefined) return [];
  return [best, ...able.filter((way) => way !== best).toSorted((a, b) => a.score.mase - b.score.mase)];
}
