// Finds the highest future loads of a forecast.

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

/** @returns the highest load from now on; undefined after the horizon */
export function forecastPeak({ forecast }: KnownForecast, nowMs: number): Expected | undefined {
  if (Date.parse(forecast.horizonEndsAt) <= nowMs) return undefined;
  const { tps, low, high, at } = forecast.peak;
  // The interval of the recorded peak covers the whole forecast, so it is used while that peak is in the future.
  if (Date.parse(at) >= nowMs) return { tps, ...defined({ low, high }), at };
  return highestWithin(forecast, nowMs, Date.parse(forecast.horizonEndsAt));
}

export function highestWithin(forecast: RecordedForecast, nowMs: number, endMs: number): Expected | undefined {
  const load = highestAhead(forecast, nowMs, endMs);
  if (load === undefined) return undefined;
  const { atMs, mid, low, high } = load;
  return { tps: mid, ...(low < high && { low, high }), at: new Date(atMs).toISOString() };
}
