// Forecasts a load with intervals; backtests choose and calibrate one method per series.

import { backtest, originsOf, type Trial } from './backtest.ts';
import { type Past, candidates } from './candidates.ts';
import type { ForecastMethod } from '../../core/documents/forecast.ts';
import { coursesOf, type Crossing, crossingOf, type Expected, highestOf } from './courses.ts';
import { slotsOf, startOf } from './grid.ts';
import type { History } from './history.ts';
import { type Score, scoreOf } from './score.ts';
import { errorQuantiles, type ForecastErrors, highShare, lowShare, withError } from './forecast-errors.ts';
import { effectsOf, type PromotionEffect, reachOf } from './promotion-effects.ts';
import { eventAt, eventsOf, type Promotion, type PromotionEvent, recurrenceOf } from './promotions.ts';
import { refusedLoad, type RefusedLoad } from './refusals.ts';
import { defined } from '../../core/defined.ts';
import { unusualDayNotes } from './unusual-days.ts';

interface ForecastPoint {
  timeMs: number;
  /** Absent during a promotion without history. */
  value?: number;
  /** 80% band; absent if unknown, as for a step of a promotion that was measured once. */
  low?: number;
  high?: number;
  promotion?: string;
}

export interface LoadForecast {
  kind: 'forecast';
  points: readonly ForecastPoint[];
  /** Highest value within the horizon. `timeMs` is the time of the highest point; if that has no band, the peak has none. */
  peak: { value: number; low?: number; high?: number; timeMs: number };
  chosen: ForecastMethod;
  ways: readonly { name: ForecastMethod; score: Score }[];
  backtest: { origins: number; fullOrigins: number };
  promotions: readonly PromotionEffect[];
  limit?: Crossing & { limit: number };
  notes: readonly string[];
}

type Forecast = LoadForecast | RefusedLoad;

/** Promotions ahead that have times without a forecast, which the peak and the limit exclude. */
export const unknownPromotions = (
  points: readonly { value?: number | undefined; promotion?: string | undefined }[],
): string[] => [...new Set(points.flatMap(({ value, promotion }) => (value === undefined ? (promotion ?? []) : [])))];

/** Two weeks provide the shape of the week, a third one validates it. */
const leastWeeks = 3;
/** With 8, nominal 80% bands covered 70% of synthetic loads that drift; with 21 and more they cover 75% to 85%. */
const leastFullOrigins = 21;
/** A season with mostly interpolated values is unusable. */
const leastKnown = 0.7;

/** @param horizon in steps of the history */
export function forecastOf(
  history: History,
  { horizon, promotions = [], limit }: { horizon: number; promotions?: readonly Promotion[]; limit?: number },
): Forecast {
  const { grid, first, values } = history;
  const needed = leastWeeks * grid.period + horizon + (leastFullOrigins - 1) * grid.stepsPerDay;
  const daysOf = (steps: number) => Math.ceil(steps / grid.stepsPerDay);
  if (values.length < needed) {
    return refusedLoad('short-history', {
      days: Math.floor(values.length / grid.stepsPerDay),
      neededDays: daysOf(needed),
      horizonDays: daysOf(horizon),
      possibleDays: Math.floor((values.length - needed + horizon) / grid.stepsPerDay),
    });
  }
  const events = eventsOf(promotions, grid, first, first + values.length + horizon);
  const usual = withoutEvents(values, first, events);
  const known = usual.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0);
  if (known < leastKnown * values.length) {
    return refusedLoad('unknown-steps', { known, steps: values.length, step: grid.step });
  }
  const past: Past = {
    values: usual,
    slots: slotsOf(grid, first, values.length),
    period: grid.period,
    stepsPerDay: grid.stepsPerDay,
    isPositive: usual.every((value) => Number.isNaN(value) || value > 0),
  };
  const leastPast = leastWeeks * grid.period;
  const origins = originsOf(values.length, { leastPast, horizon, stride: grid.stepsPerDay });
  const ways = rankedMethods(past, origins, horizon, grid.stepsPerDay);
  const [way] = ways;
  if (way === undefined) return refusedLoad('gaps', {});
  const effects = effectsOf(events, { grid, first, usual, actual: values });
  const start = first + values.length;
  const bases = candidates[way.name](past, slotsOf(grid, start, horizon));
  const expected = expectedOf(bases, { start, events, effects });
  const points = pointsOf(expected, { way, history, start });
  const courses = coursesOf(way.trials, expected, way.misses.isRelative);
  const fullOrigins = origins.filter((origin) => origin + horizon <= values.length).length;
  const topAt = (share: number) => highestOf(courses, fullOrigins, share) ?? Number.NaN;
  const highest = points.reduce((top, point) => ((point.value ?? -1) > (top.value ?? -1) ? point : top));
  return {
    kind: 'forecast',
    points,
    peak: {
      value: topAt(0.5),
      ...(highest.high !== undefined && { low: topAt(lowShare), high: topAt(highShare) }),
      timeMs: highest.timeMs,
    },
    chosen: way.name,
    ways: ways.map(({ name, score }) => ({ name, score })),
    backtest: { origins: origins.length, fullOrigins },
    promotions: effects,
    ...(limit !== undefined && { limit: { limit, ...crossingOf(courses, fullOrigins, limit) } }),
    notes: [
      ...history.notes,
      ...(history.counterNote === undefined ? [] : [history.counterNote]),
      ...unusualDayNotes(usual, grid, first),
      ...promotionNotes(effects, events, { history, start, horizon, expected }),
    ],
  };
}

function withoutEvents(values: Float64Array, first: number, events: readonly PromotionEvent[]): Float64Array {
  const usual = Float64Array.from(values);
  for (const { from, to } of events) usual.fill(Number.NaN, Math.max(0, from - first), Math.max(0, to - first));
  return usual;
}

interface ExpectedStep extends Expected {
  promotion?: string;
}

function expectedOf(
  bases: Float64Array,
  { start, events, effects }: { start: number; events: readonly PromotionEvent[]; effects: readonly PromotionEffect[] },
): ExpectedStep[] {
  return Array.from(bases, (base, i): ExpectedStep => {
    const event = eventAt(events, start + i);
    if (event === undefined) return { base, log: 0 };
    const effect = effectFor(event.name, effects)?.shape.get(start + i - event.begins);
    return { base, log: effect?.log ?? Number.NaN, promotion: event.name, ...(effect !== undefined && { effect }) };
  });
}

const effectFor = (promotion: string, effects: readonly PromotionEffect[]): PromotionEffect | undefined =>
  effects.find(({ name }) => recurrenceOf(name) === recurrenceOf(promotion));

function pointsOf(
  expected: readonly ExpectedStep[],
  { way, history, start }: { way: RankedMethod; history: History; start: number },
): ForecastPoint[] {
  const { leads, isRelative } = way.misses;
  const bands = leads.map((lead) => errorQuantiles(lead, [lowShare, highShare]) ?? []);
  return expected.map(({ base, log, effect, promotion: name }, i) => {
    const timeMs = startOf(history.grid, start + i);
    const promotion = defined({ promotion: name });
    const value = base * Math.exp(log);
    if (Number.isNaN(value)) return { timeMs, ...promotion };
    const [below, above] = bands[Math.floor(i / history.grid.stepsPerDay)] ?? [];
    const hasNoBand =
      below === undefined || above === undefined || (effect !== undefined && effect.spread === undefined);
    if (hasNoBand) return { timeMs, value, ...promotion };
    const reach = effect === undefined ? 0 : reachOf(effect);
    const low = Math.min(base, withError(base, below, isRelative));
    const high = Math.max(base, withError(base, above, isRelative));
    // The two factors are independent, so the squares of their logarithms add.
    const down = low > 0 ? value * Math.exp(-Math.hypot(Math.log(base / low), reach)) : 0;
    const up = base > 0 ? value * Math.exp(Math.hypot(Math.log(high / base), reach)) : high;
    return { timeMs, value, low: down, high: up, ...promotion };
  });
}

function promotionNotes(
  effects: readonly PromotionEffect[],
  events: readonly PromotionEvent[],
  {
    history: { grid, first },
    start,
    horizon,
    expected,
  }: { history: History; start: number; horizon: number; expected: readonly ExpectedStep[] },
): string[] {
  const unmeasured = effects.flatMap(({ name, events: measured }) => {
    const own = events.filter((event) => recurrenceOf(event.name) === recurrenceOf(name));
    const past = own.filter(({ from, to }) => to > first && from < start).length;
    return past > measured
      ? [
          `not measured: ${past - measured} of ${past} past events of ${name}, because the history has less than two weeks before an event, or promotions overlap`,
        ]
      : [];
  });
  const ahead = new Set(events.filter(({ from, to }) => to > start && from < start + horizon).map(({ name }) => name));
  const unsure = [...ahead].flatMap((name) => {
    const effect = effectFor(name, effects);
    if (effect === undefined) {
      return [
        `${name} is ahead, but the history contains no earlier one that can be measured: its time has no forecast, and the peak and the limit exclude it`,
      ];
    }
    const steps = expected.filter((step) => step.promotion === name);
    const unknown = steps.filter(({ log }) => Number.isNaN(log)).length;
    const once = steps.filter((step) => step.effect?.events === 1).length;
    return [
      ...(effect.events === 1
        ? [`${effect.name} was measured once: its next occurrence is assumed to be the same, without an interval`]
        : once > 0
          ? [`${effect.name} was measured once in ${once} of its ${grid.step}s: they have no interval`]
          : []),
      ...(unknown > 0
        ? [
            `${name} is ahead, but the history measures no earlier one in ${unknown} of its ${grid.step}s: they have no forecast, and the peak and the limit exclude them`,
          ]
        : []),
    ];
  });
  return [...unmeasured, ...unsure];
}

interface RankedMethod {
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
function rankedMethods(past: Past, origins: readonly number[], horizon: number, stepsPerLead: number): RankedMethod[] {
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
