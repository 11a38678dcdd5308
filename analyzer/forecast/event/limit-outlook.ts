// Computes when the limit is reached and with which probability: the forecast, scaled to the current load.

import type { SafeMaxTps } from '../../../core/documents/analysis.ts';
import type { LimitOutlook } from '../../../core/documents/event-outlook.ts';
import type { RecordedForecast } from '../../../core/documents/history-entry.ts';
import {
  chanceAbove,
  exactLimit,
  expectedLoads,
  limitWithin,
  type ExpectedLoad,
  type RateLimit,
} from './chance-above.ts';
import { defined } from '../../../core/defined.ts';

const minute = 60_000;
/** Beyond it, a new prediction is due. */
const horizonMinutes = 24 * 60;
const horizonsMinutes = [15, 30, 60, 180, 360, 720, 1440] as const;
/** A load beyond this of the forecast is another event than the forecast's: it is not scaled further. */
const scaleLeast = 0.5;
const scaleMost = 3;

export interface OutlookInputs {
  nowMs: number;
  /** Messages per second, where there is a reading of now. */
  nowTps?: number | undefined;
  safeMaxTps: SafeMaxTps | undefined;
  forecast: Pick<RecordedForecast, 'points' | 'peak'> | undefined;
}

export function limitOutlook({ nowMs, nowTps, safeMaxTps, forecast }: OutlookInputs): LimitOutlook {
  const safe = safeMaxTps && limitOf(safeMaxTps);
  if (safe === undefined) return { kind: 'unknown', missing: 'safe-maximum' };
  const isOver = nowTps !== undefined && nowTps > safe.low;
  const points = pointsOf(forecast);
  if (points.length < 2) return { kind: 'unknown', missing: 'forecast' };
  const scaledBy = scaleOf(points, nowMs, nowTps);
  // The error of one hour is that of the next: what was not reached so far gets likelier only where the load rises.
  const course: number[] = [];
  let reached = 0;
  for (let ahead = 0; ahead <= horizonMinutes; ahead++) {
    const point = at(points, nowMs + ahead * minute);
    if (point !== undefined) reached = Math.max(reached, chanceAbove(point, scaledBy ?? 1, safe));
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
    safeTps: safe.low,
    isOver,
    ...(scaledBy !== undefined && { scaledBy }),
    minutes: defined({ unlikely, even, likely }),
    chances: horizonsMinutes.map((withinMinutes) => ({ withinMinutes, probability: course[withinMinutes] as number })),
    horizonMinutes,
  };
}

/** @returns the highest rate of the next day, in the middle and with 90 %; undefined without a forecast of it */
export function peakAhead({ nowMs, nowTps, forecast }: OutlookInputs): { mid: number; high: number } | undefined {
  const points = pointsOf(forecast);
  const scale = scaleOf(points, nowMs, nowTps) ?? 1;
  const ahead = points.filter(({ atMs }) => atMs >= nowMs && atMs <= nowMs + horizonMinutes * minute);
  const top = ahead.toSorted((a, b) => b.mid - a.mid)[0];
  return top && { mid: top.mid * scale, high: top.high * scale };
}

function scaleOf(points: readonly ExpectedLoad[], nowMs: number, nowTps: number | undefined): number | undefined {
  const expected = at(points, nowMs)?.mid;
  if (nowTps === undefined || expected === undefined || !(expected > 0)) return undefined;
  return Math.min(scaleMost, Math.max(scaleLeast, nowTps / expected));
}

function limitOf(safeMaxTps: SafeMaxTps): RateLimit | undefined {
  switch (safeMaxTps.kind) {
    case 'unknown':
      return undefined;
    case 'at-least':
      return exactLimit(safeMaxTps.tps);
    case 'observed':
      return exactLimit(Math.min(safeMaxTps.tps, ...safeMaxTps.basis.map(({ tps }) => tps.low)));
    default:
      return limitWithin(safeMaxTps.interval, safeMaxTps.estimateTps);
  }
}

const pointsOf = (forecast: OutlookInputs['forecast']): ExpectedLoad[] =>
  forecast === undefined ? [] : expectedLoads(forecast);

/** Linear between points; a point covers the time until the next, so its value holds at its middle. */
function at(points: readonly ExpectedLoad[], atMs: number): ExpectedLoad | undefined {
  const next = points.findIndex((point) => point.atMs > atMs);
  const [before, after] = [points[next - 1], points[next]];
  if (before === undefined || after === undefined) return undefined;
  const share = (atMs - before.atMs) / (after.atMs - before.atMs);
  const between = (end: 'low' | 'mid' | 'high') => before[end] + share * (after[end] - before[end]);
  return { atMs, low: between('low'), mid: between('mid'), high: between('high') };
}
