// Finds the peak of a forecast that lies ahead, and when it meets the limit.

import { defined } from '../../core/defined.ts';
import type { RecordedForecast } from '../../core/documents/history-entry.ts';

export interface KnownForecast {
  entry: number;
  madeAtMs: number;
  forecast: RecordedForecast;
}

/** Without an interval where none is known, as of a promotion that was measured once. */
interface Expected {
  tps: number;
  low?: number;
  high?: number;
}

/** @returns the highest from now on; undefined once the horizon is over */
export function peakAhead({ forecast }: KnownForecast, nowMs: number): (Expected & { at: string }) | undefined {
  if (Date.parse(forecast.horizonEndsAt) <= nowMs) return undefined;
  const { tps, low, high, at } = forecast.peak;
  // The interval of the recorded peak is of the whole course: it is kept while that peak lies ahead.
  if (Date.parse(at) >= nowMs) return { tps, ...defined({ low, high }), at };
  return highestWithin(forecast, nowMs, Date.parse(forecast.horizonEndsAt));
}

/** @returns the highest point from now on to before `endMs`; that of now holds until the next one begins */
export function highestWithin(
  forecast: RecordedForecast,
  nowMs: number,
  endMs: number,
): (Expected & { at: string }) | undefined {
  let highest: RecordedForecast['points'][number] | undefined;
  for (const point of pointsFrom(forecast, nowMs)) {
    if (Date.parse(point.at) >= endMs) break;
    if (highest === undefined || point.tps > highest.tps) highest = point;
  }
  if (highest === undefined) return undefined;
  const { tps, low, high, at } = highest;
  return { tps, ...defined({ low, high }), at };
}

/** @returns seconds until the middle of the forecast is at the limit or above; undefined when it never is */
export function secondsToLimit(forecast: RecordedForecast, limit: number, nowMs: number): number | undefined {
  const met = pointsFrom(forecast, nowMs).find(({ tps }) => tps >= limit);
  return met === undefined ? undefined : Math.max(0, (Date.parse(met.at) - nowMs) / 1000);
}

function pointsFrom({ points }: RecordedForecast, nowMs: number): RecordedForecast['points'] {
  const current = points.findLastIndex(({ at }) => Date.parse(at) <= nowMs);
  return points.slice(Math.max(0, current));
}
