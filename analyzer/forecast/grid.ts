// Maps times to hours or days, and to their slots of the week.

import { momentOf, wallClock } from '../../core/local-moment.ts';
import type { TimeZone } from './local-time.ts';

type StepName = 'hour' | 'day';

/** Hours are counted in UTC, so that clock changes neither skip nor repeat one; days in local time. */
export interface Grid {
  step: StepName;
  stepsPerDay: number;
  /** Steps in a week. */
  period: number;
  zone: TimeZone;
}

const hour = 3_600_000;
const day = 24 * hour;
/** Milliseconds; a day with a clock change has 23 or 25 hours. */
export const stepLengths = { hour, day } as const;
/** Steps at least this long are days: a day on which clocks are set forward has 23 hours. */
export const shortestDay = 23 * hour;

export function gridOf(step: StepName, zone: TimeZone): Grid {
  return step === 'hour' ? { step, stepsPerDay: 24, period: 168, zone } : { step, stepsPerDay: 1, period: 7, zone };
}

/** Returns the number of the step that contains a moment. */
export function stepAt({ step, zone }: Grid, timeMs: number): number {
  return step === 'hour' ? Math.floor(timeMs / hour) : Math.floor((timeMs + zone.offsetAt(timeMs)) / day);
}

/** Returns the number of the local day that contains a step. */
export function dayAt(grid: Grid, index: number): number {
  return grid.step === 'day' ? index : stepAt({ ...grid, step: 'day' }, startOf(grid, index));
}

/** Returns the start of a step, milliseconds since the epoch. */
export function startOf({ step, zone }: Grid, index: number): number {
  return step === 'hour' ? index * hour : momentOf(index * day, zone.name);
}

/** Returns the end of a step that starts at this moment; days end at the same local time. */
export function endOfStep(fromMs: number, stepMs: number, timeZone: string): number {
  if (stepMs < shortestDay) return fromMs + stepMs;
  return momentOf(wallClock(fromMs, timeZone) + Math.round(stepMs / day) * day, timeZone);
}

/** Returns the slot of the week in local time: 0 to `period` − 1. */
export function slotOf({ step, period, zone }: Grid, index: number): number {
  const local = step === 'hour' ? Math.floor((index * hour + zone.offsetAt(index * hour)) / hour) : index;
  return ((local % period) + period) % period;
}

export function slotsOf(grid: Grid, first: number, count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => slotOf(grid, first + i));
}

/** Returns the clock changes between steps. */
export function clockChanges(grid: Grid, first: number, count: number): Date[] {
  const changes: Date[] = [];
  for (let i = 1; i < count; i += 1) {
    const [before, at] = [startOf(grid, first + i - 1), startOf(grid, first + i)];
    if (grid.zone.offsetAt(before) !== grid.zone.offsetAt(at)) changes.push(new Date(at));
  }
  return changes;
}
