// Computes when the limit is reached and with which probability, from the forecast scaled to the current load.

import type { SafeMaxTps } from '../../../core/documents/analysis.ts';
import type { LimitOutlook } from '../../../core/documents/event-outlook.ts';
import type { RecordedForecast } from '../../../core/documents/history-entry.ts';
import { isOpen, safeTpsOf } from '../../../core/documents/safe-tps.ts';
import { shortestDay } from '../grid.ts';
import { chanceAbove, exactLimit, limitWithin } from './chance-above.ts';
import { courseOf, highestAhead, loadAt, pointsAhead, type Course } from './expected-course.ts';
import { defined } from '../../../core/defined.ts';

const minute = 60_000;
/** Longer outlooks require a new prediction. */
const horizonMinutes = 24 * 60;
const horizonsMinutes = [15, 30, 60, 180, 360, 720, 1440] as const;
/** Limits of scaling: a load further from the forecast belongs to an event that the forecast does not know. */
const scaleLeast = 0.5;
const scaleMost = 3;

export interface OutlookInputs {
  nowMs: number;
  /** Current messages per second, if read. */
  nowTps?: number | undefined;
  safeMaxTps: SafeMaxTps | undefined;
  forecast: Pick<RecordedForecast, 'points' | 'peak'> | undefined;
}

export function limitOutlook({ nowMs, nowTps, safeMaxTps, forecast }: OutlookInputs): LimitOutlook {
  const safeTps = safeMaxTps && safeTpsOf(safeMaxTps);
  if (safeMaxTps === undefined || safeTps === undefined) return { kind: 'unknown', missing: 'safe-maximum' };
  const limit =
    'interval' in safeMaxTps ? limitWithin(safeMaxTps.interval, safeMaxTps.estimateTps) : exactLimit(safeTps);
  const isOver = nowTps !== undefined && nowTps > safeTps;
  const expected = courseOf(forecast);
  const covered = isOver ? horizonMinutes : minutesCovered(expected, nowMs);
  const horizons = horizonsMinutes.filter((minutes) => minutes <= covered);
  if (expected.points.length < 2 || horizons.length === 0) return { kind: 'unknown', missing: 'forecast' };
  const scaledBy = scaleOf(expected, nowMs, nowTps);
  // Errors of consecutive hours are the same, so the probability increases only where the load rises.
  const course: number[] = [];
  let reached = 0;
  for (let ahead = 0; ahead <= covered; ahead++) {
    const point = loadAt(expected, nowMs + ahead * minute);
    if (point !== undefined) reached = Math.max(reached, chanceAbove(point, scaledBy ?? 1, limit));
    course.push(reached);
  }
  if (isOver) course.fill(1);
  const first = (share: number) => {
    const minutes = course.findIndex((chance) => chance >= share);
    return minutes === -1 ? undefined : minutes;
  };
  const [unlikely, even, likely] = [first(0.1), first(0.5), first(0.9)];
  return {
    kind: 'outlook',
    ...(nowTps !== undefined && { nowTps }),
    safeTps,
    isOver,
    isMaximum: !isOpen(safeMaxTps),
    ...(scaledBy !== undefined && { scaledBy }),
    minutes: defined({ unlikely, even, likely }),
    chances: horizons.map((withinMinutes) => ({ withinMinutes, probability: course[withinMinutes] as number })),
    horizonMinutes: covered,
  };
}

/** @returns the highest rate of the next day, median and 90%; undefined without a forecast for it */
export function peakAhead({ nowMs, nowTps, forecast }: OutlookInputs): { mid: number; high: number } | undefined {
  const scale = scaleOf(courseOf(forecast), nowMs, nowTps) ?? 1;
  const top = forecast && highestAhead(forecast, nowMs, nowMs + horizonMinutes * minute);
  return top && { mid: top.mid * scale, high: top.high * scale };
}

/**
 * A point is the maximum of its step, so loads between the maxima around now agree with the forecast. Within a day, and without an
 * earlier point, so does each lower load.
 */
function scaleOf(course: Course, nowMs: number, nowTps: number | undefined): number | undefined {
  const running = pointsAhead(course, nowMs).find(({ atMs }) => atMs <= nowMs);
  if (nowTps === undefined || running === undefined) return undefined;
  const isDaily = course.stepMs >= shortestDay;
  const [before, now] = isDaily ? [] : [nowMs - course.stepMs, nowMs].map((atMs) => loadAt(course, atMs));
  const maxima = [running, before, now].flatMap((load) => load?.mid ?? []);
  const [least, most] = [before === undefined ? 0 : Math.min(...maxima), Math.max(...maxima)];
  const expected = nowTps >= most ? most : least;
  if (!(expected > 0) || (nowTps > least && nowTps < most)) return undefined;
  return Math.min(scaleMost, Math.max(scaleLeast, nowTps / expected));
}

/** @returns whole minutes from now, at most the horizon, until the forecast ends or has a gap */
function minutesCovered(course: Course, nowMs: number): number {
  let ahead = 0;
  while (ahead <= horizonMinutes && loadAt(course, nowMs + ahead * minute) !== undefined) ahead += 1;
  return ahead - 1;
}
