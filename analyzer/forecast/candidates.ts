// The forecast candidates: the same time last week, and a regression with daily and weekly season.

import type { ForecastMethod } from '../../core/documents/forecast.ts';
import { solvePositive } from '../../core/statistics/solve.ts';

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

export const candidates = {
  'seasonal-naive': seasonalNaive,
  'holt-winters-additive': holtWinters.additive,
  'holt-winters-multiplicative': holtWinters.multiplicative,
  'seasonal-regression': seasonalRegression,
} satisfies Record<ForecastMethod, Candidate>;

/** Returns the last known value of the same slot of the week. */
export function seasonalNaive({ values, slots, period }: Past, future: Int32Array): Float64Array {
  const last = new Float64Array(period).fill(Number.NaN);
  for (const [i, value] of values.entries()) {
    if (!Number.isNaN(value)) last[slots[i] as number] = value;
  }
  return Float64Array.from(future, (slot) => last[slot] as number);
}

const mostWeeks = 12;
/** Frequencies per week: multiples of 7 are daily; their neighbours let weekdays differ in shape. */
const hourlyWaves = [1, 2, 3, 5, 6, 7, 8, 9, 12, 13, 14, 15, 16, 20, 21, 22, 27, 28, 29, 35, 42];
const dailyWaves = [1, 2, 3];
/** Share of a column's sum of squares added to the diagonal, so that gaps leave the equations solvable. */
const ridge = 1e-6;

/**
 * Fits the logarithm if all values are above 0, since growth and waves multiply. The deviation of the last week from the line
 * is carried forward, because a line over weeks lags behind a turn.
 *
 * Hours of a promotion are passed as unknown, which is equivalent to an indicator variable for each of them.
 */
export function seasonalRegression(past: Past, future: Int32Array): Float64Array {
  const { values, slots, period, stepsPerDay, isPositive } = past;
  const waves = (stepsPerDay === 1 ? dailyWaves : hourlyWaves).filter((wave) => wave < period / 2);
  const from = Math.max(0, values.length - mostWeeks * period);
  const bySlot = Array.from({ length: period }, (_, slot) =>
    waves.flatMap((wave) => {
      const angle = (2 * Math.PI * wave * slot) / period;
      return [Math.cos(angle), Math.sin(angle)];
    }),
  );
  const timeOf = (i: number) => (i - values.length) / period;
  const scaled = (value: number) => (isPositive ? Math.log(value) : value);
  // The waves of a slot are the same every week, so sums over its values are sufficient.
  const sums = bySlot.map(() => ({ count: 0, t: 0, tt: 0, y: 0, ty: 0 }));
  for (let i = from; i < values.length; i += 1) {
    const value = values[i] as number;
    if (Number.isNaN(value)) continue;
    const [sum, t, y] = [sums[slots[i]!]!, timeOf(i), scaled(value)];
    sum.count += 1;
    sum.t += t;
    sum.tt += t * t;
    sum.y += y;
    sum.ty += t * y;
  }
  const size = 2 + 2 * waves.length;
  const matrix = Array.from({ length: size }, () => new Float64Array(size));
  const target = new Float64Array(size);
  const [ones, times, ...ofWaves] = matrix as [Float64Array, Float64Array, ...Float64Array[]];
  for (const [slot, { count, t, tt, y, ty }] of sums.entries()) {
    if (count === 0) continue;
    const row = bySlot[slot]!;
    ones[0]! += count;
    times[0]! += t;
    times[1]! += tt;
    target[0]! += y;
    target[1]! += ty;
    for (let a = 0; a < row.length; a += 1) {
      const [line, part] = [ofWaves[a]!, row[a]!];
      line[0]! += part * count;
      line[1]! += part * t;
      for (let b = 0; b <= a; b += 1) line[2 + b]! += part * count * row[b]!;
      target[2 + a]! += part * y;
    }
  }
  for (let a = 0; a < size; a += 1) matrix[a]![a]! *= 1 + ridge;
  const weights = solvePositive(matrix, target);
  if (weights === undefined) return new Float64Array(future.length).fill(Number.NaN);
  const [base = 0, slope = 0, ...amplitudes] = weights;
  const season = bySlot.map((row) => row.reduce((sum, part, index) => sum + part * amplitudes[index]!, 0));
  const valueAt = (i: number, slot: number) => base + slope * timeOf(i) + season[slot]!;
  let [sum, count] = [0, 0];
  for (let i = Math.max(from, values.length - period); i < values.length; i += 1) {
    const value = values[i] as number;
    if (Number.isNaN(value)) continue;
    sum += scaled(value) - valueAt(i, slots[i] as number);
    count += 1;
  }
  const meanResidual = count === 0 ? 0 : sum / count;
  return Float64Array.from(future, (slot, h) => {
    const value = valueAt(values.length + h, slot) + meanResidual;
    return isPositive ? Math.exp(value) : Math.max(0, value);
  });
}

export interface Past {
  /** NaN if unknown. */
  values: Float64Array;
  /** Slot of the week of each value. */
  slots: Int32Array;
  /** Steps in a week. */
  period: number;
  stepsPerDay: number;
  /** Whether all known values are above 0, so that multiplication and logarithms are valid. */
  isPositive: boolean;
}

/** @returns a value for each of `future`, at least 0; NaN if unknown */
export type Candidate = (past: Past, future: Int32Array) => Float64Array;
