// Finds days whose load follows a calendar instead of the week (618, Double 11), and the days around them.

import { z } from 'zod';
import { momentOf } from '../../core/local-moment.ts';
import { Duration } from '../../core/text/quantity.ts';
import { startOf, stepAt, type Grid } from './grid.ts';

const Promotion = z.strictObject({
  name: z.string().min(1).max(60),
  on: z
    .string()
    .regex(
      /^(?:\d{4}-)?(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/,
      'write 11-11 for every year, or 2026-11-11 for one',
    )
    .describe('first day, in the time zone of the forecast: 11-11 for every year, 2026-11-11 for one'),
  days: z.number().int().min(1).max(31).default(1).describe('length in days'),
  lead: Duration.prefault('0d').describe('days before it in which the load already differs'),
  tail: Duration.prefault('0d').describe('days after it in which the load still differs'),
});
export type Promotion = z.output<typeof Promotion>;

/** The file of --promotions. */
export const PromotionCalendar = z.strictObject({
  promotions: z.array(Promotion).min(1).max(100),
});

/** One occurrence of a promotion, in steps of the grid; `to` is exclusive. */
export interface PromotionEvent {
  name: string;
  from: number;
  /** First step of the promotion's own days. */
  begins: number;
  /** The step after its own days. */
  ends: number;
  to: number;
}

/** Returns "Double 11" for "Double 11 2026". @returns the whole name if it consists only of a year */
export function nameWithoutYear(name: string): string {
  const rest = name
    .replace(/\b(?:19|20)\d\d\b/g, '')
    .replace(/\s+/g, ' ')
    .replace(/^[\s,_-]+|[\s,_-]+$/g, '');
  return rest === '' ? name : rest;
}

/** "Double 11 2026" and "Double 11 2025" are occurrences of one promotion. @returns the common part of their names */
export const recurrenceOf = (name: string): string => nameWithoutYear(name).toLowerCase();

/** Events that overlap the steps from `first` to before `end`, in order of time. */
export function eventsOf(promotions: readonly Promotion[], grid: Grid, first: number, end: number): PromotionEvent[] {
  const years = { from: yearOf(grid, first) - 1, to: yearOf(grid, end) + 1 };
  const events = promotions.flatMap(({ name, on, days, lead, tail }) =>
    datesOf(on, years).map((date) => {
      const stepOf = (time: number) => stepAt(grid, time);
      const begin = momentOf(date, grid.zone.name);
      const over = momentOf(date + days * 86_400_000, grid.zone.name);
      return {
        name,
        from: stepOf(begin - lead * 1000),
        begins: stepOf(begin),
        ends: stepOf(over - 1) + 1,
        to: stepOf(over + tail * 1000 - 1) + 1,
      };
    }),
  );
  return events.filter(({ from, to }) => to > first && from < end).toSorted((a, b) => a.from - b.from);
}

/** Among overlapping promotions, the shortest counts: a sales day within a members' month has the load of a sales day. */
export function eventAt(events: readonly PromotionEvent[], step: number): PromotionEvent | undefined {
  const lengthOf = ({ begins, to }: PromotionEvent) => to - begins;
  return events
    .filter(({ from, to }) => step >= from && step < to)
    .toSorted((a, b) => lengthOf(a) - lengthOf(b) || b.from - a.from)[0];
}

function yearOf(grid: Grid, step: number): number {
  return new Date(startOf(grid, step)).getUTCFullYear();
}

/** Midnights as if local time were UTC. */
function datesOf(on: string, years: { from: number; to: number }): number[] {
  if (on.length > 5) return [Date.parse(`${on}T00:00:00Z`)].filter((time) => !Number.isNaN(time));
  const dates = [];
  for (let year = years.from; year <= years.to; year += 1) {
    const time = Date.parse(`${year}-${on}T00:00:00Z`);
    // In other years, 02-29 is parsed as 03-01.
    if (!Number.isNaN(time) && new Date(time).toISOString().slice(5, 10) === on) dates.push(time);
  }
  return dates;
}
