// Finds days with an unusual load that the calendar does not contain, since they distort a forecast.

import { median } from '../../core/statistics/statistics.ts';
import { dayAt, type Grid } from './grid.ts';

/** Factor on the load of the same weekday in the weeks around it; noise of a busy topic is far below. */
const unusualFactor = 2;
const weeksAround = 4;
/** A median of fewer is no usual load. */
const fewestWeeks = 3;
const mostNamed = 5;

/**
 * @param values with NaN in the hours of all known promotions
 * @returns a note about days whose highest load is twice the usual one, or half of it; empty if there are none
 */
export function unusualDayNotes(values: Float64Array, grid: Grid, first: number): string[] {
  const highest = new Map<number, number>();
  for (const [at, value] of values.entries()) {
    const day = dayAt(grid, first + at);
    if (value > (highest.get(day) ?? -1)) highest.set(day, value);
  }
  const last = dayAt(grid, first + values.length - 1);
  const found = [...highest].flatMap(([day, value]) => {
    const weeks = Array.from({ length: weeksAround }, (_, week) => 7 * (week + 1));
    const around = weeks.flatMap((days) => [day - days, day + days].flatMap((each) => highest.get(each) ?? []));
    const usual = around.length < fewestWeeks ? 0 : median(around);
    // Of the last day, only a part may be known.
    const isUnusual = value >= unusualFactor * usual || (day < last && value * unusualFactor <= usual);
    return usual > 0 && isUnusual ? [{ day, factor: value / usual }] : [];
  });
  if (found.length === 0) return [];
  const named = found
    .slice(-mostNamed)
    .map(({ day, factor }) => `${new Date(day * 86_400_000).toISOString().slice(0, 10)} (${factor.toFixed(1)} times)`);
  const more = found.length > mostNamed ? ` and ${found.length - mostNamed} earlier ones` : '';
  return [
    `unlike the same weekday in the weeks around them: ${named.join(', ')}${more}. List promotions and holidays in the calendar, since they distort the forecast of other days`,
  ];
}
