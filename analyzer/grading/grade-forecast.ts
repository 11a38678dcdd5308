// Did a forecast hold? At the hour it said would be the highest of a day; and over all it looked at, once that is past.

import type { Grade, RecordedForecast } from '../../core/ledger-entry.ts';
import type { Course } from './course.ts';

const hour = 3_600_000;
const day = 24 * hour;
const unit = 'messages/s';
/** An hour with fewer of its minutes read has no highest one. */
const leastRead = 0.5;

interface Standing {
  id: number;
  document: RecordedForecast;
}

/**
 * The hour is chosen by the forecast and not by what came, which would always look too low.
 *
 * @param startMs beginning of the day, UTC
 * @returns undefined without a band for the day, or without readings of that hour
 */
export function gradeForecastDay({ id, document }: Standing, course: Course, startMs: number): Grade | undefined {
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

/** @param actual highest rate between when the forecast was made and the end of its horizon */
export function gradeForecastEnd({ id, document }: Standing, madeAt: string, actual: number): Grade {
  const { tps: value, low, high } = document.peak;
  const span = [Date.parse(madeAt), Date.parse(document.horizonEndsAt)] as const;
  return gradeOf(id, 'forecast-end', span, { value, low, high }, actual);
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
    event,
    startedAt: new Date(fromMs).toISOString(),
    endedAt: new Date(toMs).toISOString(),
    predicted: { value, ...(low !== undefined && { low }), ...(high !== undefined && { high }), unit },
    actual,
    held: actual >= (low ?? value) && actual <= (high ?? value),
  };
}

/** Readings come each minute. */
function highestWithin(course: Course, fromMs: number, toMs: number): number | undefined {
  const rates = course.flatMap(({ atMs, produceTps }) =>
    produceTps !== undefined && atMs > fromMs && atMs <= toMs ? [produceTps] : [],
  );
  return rates.length < (leastRead * (toMs - fromMs)) / 60_000 ? undefined : Math.max(...rates);
}
