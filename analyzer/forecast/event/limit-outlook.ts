// Computes when the limit is reached and with which probability: the forecast, scaled to the current load.

import jstat from 'jstat';
import type { SafeMaxTps } from '../../../core/documents/analysis.ts';
import type { LimitOutlook } from '../../../core/documents/event-outlook.ts';
import type { RecordedForecast } from '../../../core/documents/history-entry.ts';
import { normalQuantile } from '../../../core/statistics/statistics.ts';

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

interface Ahead {
  atMs: number;
  mid: number;
  /** 10 % and 90 %. */
  low: number;
  high: number;
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
    minutes: {
      ...(unlikely !== undefined && { unlikely }),
      ...(even !== undefined && { even }),
      ...(likely !== undefined && { likely }),
    },
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

function scaleOf(points: readonly Ahead[], nowMs: number, nowTps: number | undefined): number | undefined {
  const expected = at(points, nowMs)?.mid;
  if (nowTps === undefined || expected === undefined || !(expected > 0)) return undefined;
  return Math.min(scaleMost, Math.max(scaleLeast, nowTps / expected));
}

interface SafeLimit {
  low: number;
  mid: number;
  /** Of a normal distribution; 0 for a figure without an interval. */
  deviation: number;
}

/** The interval is two-sided. Without an upper end the estimate is the middle between the ends it would have. */
function limitOf(safeMaxTps: SafeMaxTps): SafeLimit | undefined {
  switch (safeMaxTps.kind) {
    case 'unknown':
      return undefined;
    case 'at-least':
      return { low: safeMaxTps.tps, mid: safeMaxTps.tps, deviation: 0 };
    case 'observed': {
      const low = Math.min(safeMaxTps.tps, ...safeMaxTps.basis.map(({ tps }) => tps.low));
      return { low, mid: low, deviation: 0 };
    }
    default: {
      const { interval, estimateTps } = safeMaxTps;
      const reach = normalQuantile((1 + interval.confidence) / 2);
      const width = (interval.high ?? 2 * estimateTps - interval.low) - interval.low;
      return { low: interval.low, mid: estimateTps, deviation: Math.max(0, width) / (2 * reach) };
    }
  }
}

function pointsOf(forecast: OutlookInputs['forecast']): Ahead[] {
  if (forecast === undefined) return [];
  // A point without a band gets the relative band of the peak.
  const { peak, points } = forecast;
  const [down, up] = peak.tps > 0 ? [peak.low / peak.tps, peak.high / peak.tps] : [1, 1];
  return points
    .map(({ at: moment, tps, low, high }) => ({
      atMs: Date.parse(moment),
      mid: tps,
      low: low ?? tps * down,
      high: high ?? tps * up,
    }))
    .toSorted((a, b) => a.atMs - b.atMs);
}

/** Linear between points; a point covers the time until the next, so its value holds at its middle. */
function at(points: readonly Ahead[], atMs: number): Ahead | undefined {
  const next = points.findIndex((point) => point.atMs > atMs);
  const [before, after] = [points[next - 1], points[next]];
  if (before === undefined || after === undefined) return undefined;
  const share = (atMs - before.atMs) / (after.atMs - before.atMs);
  const between = (end: 'low' | 'mid' | 'high') => before[end] + share * (after[end] - before[end]);
  return { atMs, low: between('low'), mid: between('mid'), high: between('high') };
}

/** 10% and 90% of a normal distribution are this many deviations away. */
const bandReach = 1.2816;

/** Each side of the band by its own width; load and limit are independent. */
function chanceAbove({ low, mid, high }: Ahead, scale: number, safe: SafeLimit): number {
  const load = mid * scale;
  const width = (safe.mid > load ? high - mid : mid - low) * scale;
  const deviation = Math.hypot(Math.max(0, width) / bandReach, safe.deviation);
  if (deviation === 0) return load > safe.mid ? 1 : 0;
  return jstat.jStat.normal.cdf((load - safe.mid) / deviation, 0, 1);
}
