// Finds the highest loads of a forecast that lie ahead.

import { highestAhead } from '../../analyzer/forecast/event/expected-course.ts';
import { defined } from '../../core/defined.ts';
import type { ClusterStatus } from '../../core/documents/cluster-status.ts';
import type { RecordedForecast } from '../../core/documents/history-entry.ts';

export interface KnownForecast {
  entry: number;
  madeAtMs: number;
  forecast: RecordedForecast;
}

type Expected = NonNullable<ClusterStatus['forecast']>['peak'];

/** @returns the highest from now on; undefined once the horizon is over */
export function forecastPeak({ forecast }: KnownForecast, nowMs: number): Expected | undefined {
  if (Date.parse(forecast.horizonEndsAt) <= nowMs) return undefined;
  const { tps, low, high, at } = forecast.peak;
  // The interval of the recorded peak is of the whole course: it is kept while that peak lies ahead.
  if (Date.parse(at) >= nowMs) return { tps, ...defined({ low, high }), at };
  return highestWithin(forecast, nowMs, Date.parse(forecast.horizonEndsAt));
}

export function highestWithin(forecast: RecordedForecast, nowMs: number, endMs: number): Expected | undefined {
  const load = highestAhead(forecast, nowMs, endMs);
  if (load === undefined) return undefined;
  const { atMs, mid, low, high } = load;
  return { tps: mid, ...(low < high && { low, high }), at: new Date(atMs).toISOString() };
}
