// Finds days with an unusual load that the calendar does not contain, since they distort a forecast.

import { median } from '../../core/statistics/statistics.ts';
import { dayAt, type Grid } from './grid.ts';

/** Factor on the load of the same weekday in the weeks around it; noise of a busy topic is far below. */
const unusualFactor = 2;
const weeksAround = 4;
/** A median of fewer is no usual load. */
const fewestWeeks = 3;
const mostNamed = 5;
/** A day on which clocks are set forward has 23 hours. */
const hoursOfClockChange = 1;

/**
 * @param values with NaN in the hours of all known promotions
 * @returns a note about days whose highest load is twice the usual one, or half of it; empty if there are none
 */
export function unusualDayNotes(values: Float64Array, grid: Grid, first: number): string[] {
  const days = new Map<number, { highest: number; known: number }>();
  for (const [at, value] of values.entries()) {
    if (Number.isNaN(value)) continue;
    const day = dayAt(grid, first + at);
    const { highest, known } = days.get(day) ?? { highest: 0, known: 0 };
    days.set(day, { highest: Math.max(highest, value), known: known + 1 });
  }
  /** @returns whether all hours are known: without its peak hours, a day looks like one with little load */
  const isWhole = ({ known }: { known: number }) => known >= grid.stepsPerDay - hoursOfClockChange;
  const found = [...days].flatMap(([day, { highest, known }]) => {
    const weeks = Array.from({ length: weeksAround }, (_, week) => 7 * (week + 1));
    const others = weeks.flatMap((each) => [days.get(day - each) ?? [], days.get(day + each) ?? []].flat());
    const around = others.filter(isWhole).map((other) => other.highest);
    const usual = around.length < fewestWeeks ? 0 : median(around);
    const isUnusual = highest >= unusualFactor * usual || (isWhole({ known }) && highest * unusualFactor <= usual);
    return usual > 0 && isUnusual ? [{ day, factor: highest / usual }] : [];
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
