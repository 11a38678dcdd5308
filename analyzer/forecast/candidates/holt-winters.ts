// Forecasts by Holt-Winters exponential smoothing with a damped trend.

import type { Candidate, Past } from './candidate.ts';

type Season = 'additive' | 'multiplicative';

interface Weights {
  level: number;
  trend: number;
  season: number;
}

interface State {
  level: number;
  trend: number;
  seasons: Float64Array;
}

/**
 * A coarse grid: the error a day ahead hardly differs between neighbours, and a finer search would fit noise.
 * Level and trend weights are per day; they are converted to weights per step.
 */
const weights: readonly Weights[] = [0.1, 0.3, 0.6, 0.9].flatMap((level) =>
  [0, 0.03, 0.1].flatMap((trend) => [0.1, 0.3].map((season) => ({ level, trend, season }))),
);

/** Daily damping of the trend (Gardner and McKenzie 1985 find damping between 0.8 and 1 best on most series). */
const dampingPerDay = 0.98;

/**
 * Hyndman et al., Forecasting with Exponential Smoothing (2008), table 2.1, rows (Ad, A) and (Ad, M). Chooses the weights with the
 * least mean absolute error a day ahead over the past after its first two weeks. An unknown value changes only
 * the trend.
 */
function forecastWith(season: Season, past: Past, future: Int32Array): Float64Array {
  const unknown = new Float64Array(future.length).fill(Number.NaN);
  if (season === 'multiplicative' && !past.isPositive) return unknown;
  const start = begun(past, season);
  if (start === undefined) return unknown;
  const damping = dampingPerDay ** (1 / past.stepsPerDay);
  let best: { error: number; state: State } | undefined;
  for (const each of weights) {
    const run = smoothed(past, season, start, each, damping);
    if (best === undefined || run.error < best.error) best = run;
  }
  if (best === undefined) return unknown;
  const { level, trend, seasons } = best.state;
  let grown = 0;
  let power = 1;
  return Float64Array.from(future, (slot) => {
    power *= damping;
    grown += power;
    return joined(season, level + grown * trend, seasons[slot] as number);
  });
}

/** Two functions instead of two closures of one: with closures, Node 24.21 computed the first with the season of the second. */
export const holtWinters = {
  additive: (past, future) => forecastWith('additive', past, future),
  multiplicative: (past, future) => forecastWith('multiplicative', past, future),
} satisfies Record<Season, Candidate>;

function joined(season: Season, base: number, factor: number): number {
  return Math.max(0, season === 'additive' ? base + factor : Math.max(0, base) * factor);
}

/** Initializes from the first two weeks: their mean, the growth between them, and the mean of each slot of the week. */
function begun({ values, slots, period }: Past, season: Season): State | undefined {
  const [first, second] = [meanOf(values.subarray(0, period)), meanOf(values.subarray(period, 2 * period))];
  if (first === undefined || second === undefined) return undefined;
  const level = (first + second) / 2;
  const sums = new Float64Array(period);
  const counts = new Int32Array(period);
  for (let i = 0; i < 2 * period; i += 1) {
    const [value, slot] = [values[i] as number, slots[i] as number];
    if (Number.isNaN(value)) continue;
    sums[slot] = (sums[slot] as number) + value - (i < period ? first : second) + level;
    counts[slot] = (counts[slot] as number) + 1;
  }
  const seasons = sums.map((sum, slot) => {
    const mean = counts[slot] === 0 ? level : sum / (counts[slot] as number);
    return season === 'additive' ? mean - level : Math.max(1e-3, mean / level);
  });
  return { level: second, trend: (second - first) / period, seasons };
}

function meanOf(values: Float64Array): number | undefined {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length < values.length / 2 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length;
}

function smoothed(
  { values, slots, period, stepsPerDay }: Past,
  season: Season,
  start: State,
  perDay: Weights,
  damping: number,
): { error: number; state: State } {
  const alpha = 1 - (1 - perDay.level) ** (1 / stepsPerDay);
  const beta = perDay.trend / stepsPerDay;
  const gamma = perDay.season;
  const ahead = stepsPerDay;
  const reach = (damping * (1 - damping ** ahead)) / (1 - damping);
  const seasons = Float64Array.from(start.seasons);
  let { level, trend } = start;
  let [sum, count] = [0, 0];
  for (let i = 2 * period; i < values.length; i += 1) {
    const [value, slot] = [values[i] as number, slots[i] as number];
    const expected = level + damping * trend;
    if (Number.isNaN(value)) {
      [level, trend] = [expected, damping * trend];
    } else {
      const factor = seasons[slot] as number;
      const before = level;
      const bare = season === 'additive' ? value - factor : value / factor;
      level = alpha * bare + (1 - alpha) * expected;
      trend = beta * (level - before) + (1 - beta) * damping * trend;
      const fresh = season === 'additive' ? value - level : value / Math.max(level, 1e-9);
      seasons[slot] = gamma * fresh + (1 - gamma) * factor;
    }
    const later = values[i + ahead];
    if (later === undefined || Number.isNaN(later)) continue;
    sum += Math.abs(later - joined(season, level + reach * trend, seasons[slots[i + ahead] as number] as number));
    count += 1;
  }
  return { error: count === 0 ? 0 : sum / count, state: { level, trend, seasons } };
}
