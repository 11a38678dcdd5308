// Estimates the load factor of a promotion from the few past ones, with an interval.

import { mean, median, studentT } from '../../core/statistics/statistics.ts';
import { slotOf, type Grid } from './grid.ts';
import { eventAt, nameWithoutYear, recurrenceOf, type PromotionEvent } from './promotions.ts';
import { confidence } from './forecast-errors.ts';

export interface PromotionEffect {
  /** Without the year, if its events differ in it. */
  name: string;
  /** Past events that could be measured. */
  events: number;
  /** Natural logarithm of load over usual load, by steps since the event's own days began (negative: before); where measured. */
  shape: ReadonlyMap<number, number>;
  /** At the step where it is the greatest: times the usual load. Of one event there is no interval. */
  peak: { multiplier: number; offset: number; low?: number; high?: number };
  /** Standard deviation of the logarithm between events; absent with one. */
  spread?: number;
}

interface PromotionSeries {
  grid: Grid;
  /** Number of the first step of both. */
  first: number;
  /** Load with hours of all promotions unknown. */
  usual: Float64Array;
  /** Load as it was. */
  actual: Float64Array;
}

/** Usual load: the median at the same place in the week over this many weeks before. */
const weeksBefore = 4;

/**
 * Multipliers are lognormal: ln k = mean over events, and the next one lies within mean ± t(n − 1) · s · √(1 + 1/n), where s² is the
 * mean over the steps of the variance between events. A step at which promotions overlap measures the shortest of them.
 */
export function effectsOf(events: readonly PromotionEvent[], series: PromotionSeries): PromotionEffect[] {
  const recurring = Map.groupBy(events, ({ name }) => recurrenceOf(name));
  return [...recurring.values()].flatMap((own) => {
    const measured = own.map((event) => ratiosOf(event, events, series)).filter((ratios) => ratios.size > 0);
    return measured.length === 0 ? [] : [effectOf(sharedName(own), measured)];
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
  for (let step = from; step < to; step += 1) {
    const value = actual[step - first];
    if (value === undefined || !(value > 0)) continue;
    const counted = eventAt(events, step);
    if (counted === undefined || recurrenceOf(counted.name) !== recurrenceOf(name)) continue;
    const before: number[] = [];
    for (let week = 1; week <= weeksBefore + Math.ceil((to - from) / grid.period); week += 1) {
      const known = usual[weeksEarlier(grid, step, week) - first];
      if (known !== undefined && known > 0 && before.length < weeksBefore) before.push(known);
    }
    if (before.length < 2) continue;
    ratios.set(step - begins, Math.log(value / median(before)));
  }
  return ratios;
}

/** Hours are counted in UTC: across a change of clocks the same one of the wall clock is an hour earlier or later. */
function weeksEarlier(grid: Grid, step: number, weeks: number): number {
  const earlier = step - weeks * grid.period;
  const slot = slotOf(grid, step);
  return [earlier, earlier + 1, earlier - 1].find((each) => slotOf(grid, each) === slot) ?? earlier;
}

function effectOf(name: string, measured: readonly ReadonlyMap<number, number>[]): PromotionEffect {
  const offsets = [...new Set(measured.flatMap((ratios) => [...ratios.keys()]))].toSorted((a, b) => a - b);
  const shape = new Map<number, number>();
  const variances: number[] = [];
  for (const offset of offsets) {
    const logs = measured.flatMap((ratios) => ratios.get(offset) ?? []);
    const middle = mean(logs);
    shape.set(offset, middle);
    if (logs.length === measured.length && logs.length > 1) {
      variances.push(logs.reduce((sum, each) => sum + (each - middle) ** 2, 0) / (logs.length - 1));
    }
  }
  const events = measured.length;
  const [offset, log] = [...shape].reduce((best, each) => (each[1] > best[1] ? each : best));
  const spread = variances.length === 0 ? undefined : Math.sqrt(mean(variances));
  const reach = spread === undefined ? undefined : reachOf(spread, events);
  return {
    name,
    events,
    shape,
    peak: {
      multiplier: Math.exp(log),
      offset,
      ...(reach !== undefined && { low: Math.exp(log - reach), high: Math.exp(log + reach) }),
    },
    ...(spread !== undefined && { spread }),
  };
}

/** Half of the interval of the logarithm of the next multiplier. */
export function reachOf(spread: number, events: number): number {
  return studentT(confidence, events - 1) * spread * Math.sqrt(1 + 1 / events);
}
