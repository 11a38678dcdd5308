// Grades a forecast at the hour it predicted as the peak of a day, and as a whole after its horizon.

import { defined } from '../../../core/defined.ts';
import type { Grade, RecordedForecast } from '../../../core/documents/history-entry.ts';
import { shortestDay } from '../../forecast/grid.ts';
import { averaged, type Reading } from '../../forecast/history.ts';
import type { Course } from './course.ts';

const hour = 3_600_000;
const day = 24 * hour;
const unit = 'messages/s';
/** Least share of readings for the maximum of an hour, and of points for the peak of a forecast. */
const leastRead = 0.5;

interface RecordedPrediction {
  id: number;
  document: RecordedForecast;
}

/**
 * The forecast chooses the hour, because the hour with the highest actual load would always make the forecast look too low.
 *
 * @param startMs start of the day, UTC
 * @returns undefined for a daily forecast, which names no hour, without a band for the day, or without readings of that hour
 */
export function gradeForecastDay(
  { id, document }: RecordedPrediction,
  course: Course,
  startMs: number,
): Grade | undefined {
  if (stepOf(document) !== hour) return undefined;
  const ofDay = document.points.filter(({ at }) => {
    const atMs = Date.parse(at);
    return atMs >= startMs && atMs < startMs + day;
  });
  const banded = ofDay.filter(({ low, high }) => low !== undefined && high !== undefined);
  const point = banded.toSorted((a, b) => b.tps - a.tps)[0];
  if (point === undefined) return undefined;
  const fromMs = Date.parse(point.at);
  const actual = highestWithin(course, fromMs, fromMs + hour);
  if (actual === undefined) return undefined;
  return gradeOf(id, 'natural-peak', [fromMs, fromMs + hour], { ...point, value: point.tps }, actual);
}

/**
 * Compares the peak with the maximum of all its hours, and each point with the maximum of its hour. Hours without a point,
 * such as those of a promotion without history, do not count.
 *
 * @param readings messages per second from its creation to the end of its horizon, by time
 * @returns undefined if less than half of its points were read
 */
export function gradeForecastEnd(
  { id, document }: RecordedPrediction,
  readings: readonly Reading[],
): Grade | undefined {
  const { points, peak, horizonEndsAt } = document;
  const [first] = points;
  if (first === undefined) return undefined;
  const starts = points.map(({ at }) => Date.parse(at));
  const ends = Date.parse(horizonEndsAt);
  const step = stepOf(document);
  const highest = new Map<number, number>();
  let index = 0;
  for (const { timeMs, value } of averaged(readings)) {
    while (index < starts.length && timeMs >= (starts[index] as number) + step) index += 1;
    if (index === starts.length) break;
    if (timeMs >= (starts[index] as number)) highest.set(index, Math.max(value, highest.get(index) ?? 0));
  }
  if (highest.size < leastRead * points.length) return undefined;
  const read = [...highest].map(([at, actual]) => ({ ...(points[at] as (typeof points)[number]), actual }));
  const banded = read.filter(({ low, high }) => low !== undefined && high !== undefined);
  const within = banded.filter(({ low = 0, high = 0, actual }) => actual >= low && actual <= high);
  const expected = read.reduce((sum, { tps }) => sum + tps, 0);
  const came = read.reduce((sum, { actual }) => sum + actual, 0);
  const { tps: value, low, high } = peak;
  const span = [Date.parse(first.at), ends] as const;
  return {
    ...gradeOf(id, 'forecast-end', span, { value, low, high }, Math.max(...highest.values())),
    ...(expected > 0 && { bias: came / expected - 1 }),
    ...(banded.length > 0 && { covered: within.length / banded.length }),
  };
}

/** Points are hours or days. */
function stepOf({ points, horizonEndsAt }: RecordedForecast): number {
  const bounds = [...points.map(({ at }) => Date.parse(at)), Date.parse(horizonEndsAt)];
  const smallest = Math.min(...bounds.slice(1).map((end, index) => end - (bounds[index] ?? end)));
  return smallest < shortestDay ? hour : smallest;
}

function gradeOf(
  id: number,
  event: Grade['event'],
  [fromMs, toMs]: readonly [number, number],
  { value, low, high }: { value: number; low?: number | undefined; high?: number | undefined },
  actual: number,
): Grade {
  return {
    of: id,
    what: 'forecast',
    event,
    startedAt: new Date(fromMs).toISOString(),
    endedAt: new Date(toMs).toISOString(),
    predicted: { value, ...defined({ low, high }), unit },
    actual,
    held: actual >= (low ?? value) && actual <= (high ?? value),
  };
}

/** Readings are one minute apart; the one at the end of a window belongs to it. */
function highestWithin(course: Course, fromMs: number, toMs: number): number | undefined {
  const rates = course.flatMap(({ atMs, produceTps }) =>
    produceTps !== undefined && atMs > fromMs && atMs <= toMs ? [{ timeMs: atMs - 1, value: produceTps }] : [],
  );
  if (rates.length < (leastRead * (toMs - fromMs)) / 60_000) return undefined;
  return Math.max(...averaged(rates).map(({ value }) => value));
}
