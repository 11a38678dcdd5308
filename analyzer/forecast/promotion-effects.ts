// Estimates the load factor of a promotion from few past ones, with an interval.

import { mean, median, studentT } from '../../core/statistics/statistics.ts';
import { slotOf, type Grid } from './grid.ts';
import { eventAt, nameWithoutYear, recurrenceOf, type PromotionEvent } from './promotions.ts';
import { confidence } from './forecast-errors.ts';

export interface StepEffect {
  /** Natural logarithm of actual over usual load: mean over the events that measured this step. */
  log: number;
  /** Past events that measured this step. */
  events: number;
  /** Standard deviation of the logarithm between events; absent for a single event. */
  spread?: number;
  /** Degrees of freedom of the spread, averaged over its pooled steps. */
  freedom?: number;
}

export interface PromotionEffect {
  /** Name without the year, if the events differ only in the year. */
  name: string;
  /** Measured past events. */
  events: number;
  /** By steps since the start of the event's own days (negative: before); only measured steps. */
  shape: ReadonlyMap<number, StepEffect>;
  /** At the step with the greatest effect: factor on the usual load. Without an interval if one event measured the step. */
  peak: { multiplier: number; offset: number; low?: number; high?: number };
}

interface PromotionSeries {
  grid: Grid;
  /** Number of the first step of both series. */
  first: number;
  /** Load with NaN in the hours of all promotions. */
  usual: Float64Array;
  /** Actual load. */
  actual: Float64Array;
}

/** Number of weeks whose median, in the same slot of the week, is the usual load: as many before as after, so that growth cancels out. */
const usualWeeks = 4;

/**
 * Multipliers are lognormal: ln k is the mean over the n events that measured the step, and the next one is within
 * mean ± t(ν) · s · √(1 + 1/n), where s has ν degrees of freedom. A step of overlapping promotions counts for the shortest of them.
 */
export function effectsOf(events: readonly PromotionEvent[], series: PromotionSeries): PromotionEffect[] {
  const recurring = Map.groupBy(events, ({ name }) => recurrenceOf(name));
  return [...recurring.values()].flatMap((own) => {
    const measured = own.map((event) => ratiosOf(event, events, series)).filter((ratios) => ratios.size > 0);
    if (measured.length === 0) return [];
    const ownSteps = Math.max(...own.map(({ begins, ends }) => ends - begins));
    return [{ name: sharedName(own), events: measured.length, ...shapeOf(measured, ownSteps) }];
  });
}

function sharedName(events: readonly PromotionEvent[]): string {
  const names = new Set(events.map(({ name }) => name));
  const [name = ''] = names;
  return names.size === 1 ? name : nameWithoutYear(name);
}

function ratiosOf(
  { name, from, begins, to }: PromotionEvent,
  events: readonly PromotionEvent[],
  { grid, first, usual, actual }: PromotionSeries,
): Map<number, number> {
  const ratios = new Map<number, number>();
  const growth = weeklyGrowth(from, { grid, first, usual });
  for (let step = from; step < to; step += 1) {
    const value = actual[step - first];
    if (value === undefined || !(value > 0)) continue;
    const counted = eventAt(events, step);
    if (counted === undefined || recurrenceOf(counted.name) !== recurrenceOf(name)) continue;
    const before: number[] = [];
    const around: number[] = [];
    for (let week = 1; week <= usualWeeks + Math.ceil((to - from) / grid.period); week += 1) {
      const [earlier = 0, later = 0] = [week, -week].map((each) => usual[weeksEarlier(grid, step, each) - first]);
      if (earlier > 0 && later > 0 && around.length < usualWeeks) around.push(earlier, later);
      if (earlier > 0 && before.length < usualWeeks) before.push(earlier * Math.exp(week * growth));
    }
    if (before.length < 2) continue;
    ratios.set(step - begins, Math.log(value / median(around.length > 0 ? around : before)));
  }
  return ratios;
}

/** For a promotion without weeks after it. @returns change of the logarithm per week, between the week before the promotion and the same slots of the earliest usual week */
function weeklyGrowth(from: number, { grid, first, usual }: Omit<PromotionSeries, 'actual'>): number {
  const weeks = usualWeeks - 1;
  const growths = Array.from({ length: grid.period }, (_, index) => {
    const step = from - 1 - index;
    return Math.log((usual[step - first] ?? NaN) / (usual[weeksEarlier(grid, step, weeks) - first] ?? NaN)) / weeks;
  }).filter(Number.isFinite);
  return growths.length === 0 ? 0 : median(growths);
}

/** Hours are counted in UTC, so across a clock change the same local hour is an hour earlier or later. */
function weeksEarlier(grid: Grid, step: number, weeks: number): number {
  const earlier = step - weeks * grid.period;
  const slot = slotOf(grid, step);
  return [earlier, earlier + 1, earlier - 1].find((each) => slotOf(grid, each) === slot) ?? earlier;
}

/**
 * Pools the variances between events over similar steps, because few events at a quiet step would hide how much the peak varies.
 * Steps are pooled by whether they are in the promotion's own days, and whether they are closer to the peak than to the usual load.
 *
 * @param ownSteps number of steps in the promotion's own days
 */
function shapeOf(
  measured: readonly ReadonlyMap<number, number>[],
  ownSteps: number,
): Pick<PromotionEffect, 'shape' | 'peak'> {
  const offsets = new Set(measured.flatMap((ratios) => [...ratios.keys()]));
  const inOrder = [...offsets].toSorted((a, b) => a - b);
  const steps = inOrder.map((offset) => {
    const logs = measured.flatMap((ratios) => ratios.get(offset) ?? []);
    return { offset, logs, log: mean(logs) };
  });
  const top = steps.reduce((best, each) => (each.log > best.log ? each : best));
  const least = Math.min(top.log, top.log / 2);
  const pools = Map.groupBy(steps, ({ offset, log }) => `${offset >= 0 && offset < ownSteps} ${log >= least}`);
  const shape = new Map<number, StepEffect>();
  for (const pool of pools.values()) {
    const spread = pooledDeviation(pool.map(({ logs }) => logs));
    const freedom = mean(pool.flatMap(({ logs }) => (logs.length > 1 ? [logs.length - 1] : [])));
    for (const { offset, log, logs } of pool) {
      shape.set(offset, { log, events: logs.length, ...(logs.length > 1 && { spread, freedom }) });
    }
  }
  const highest = shape.get(top.offset);
  const reach = highest?.spread === undefined ? undefined : reachOf(highest);
  return {
    shape,
    peak: {
      multiplier: Math.exp(top.log),
      offset: top.offset,
      ...(reach !== undefined && { low: Math.exp(top.log - reach), high: Math.exp(top.log + reach) }),
    },
  };
}

/** Each sample is centred on its own mean. @returns NaN if none has two values */
function pooledDeviation(samples: readonly (readonly number[])[]): number {
  let [squares, freedom] = [0, 0];
  for (const sample of samples) {
    const middle = mean(sample);
    for (const value of sample) squares += (value - middle) ** 2;
    freedom += sample.length - 1;
  }
  return Math.sqrt(squares / freedom);
}

/**
 * Half-width of the interval of the logarithm of the next multiplier. Hours of one event are correlated, so pooling them adds no degrees
 * of freedom, and an hour that one event lacks removes hardly any.
 *
 * @returns 0 if only one event was measured
 */
export function reachOf(
  { spread, events, freedom = events - 1 }: Pick<StepEffect, 'spread' | 'events' | 'freedom'>,
  within = confidence,
): number {
  return spread === undefined ? 0 : studentT(within, freedom) * spread * Math.sqrt(1 + 1 / events);
}
