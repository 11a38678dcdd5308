// Backtests each forecast method from rolling origins and records its errors by lead time.

import type { Candidate, Past } from './candidates.ts';

/** A forecast from a past origin, and the actual values. */
export interface Trial {
  /** Number of known steps before the forecast. */
  origin: number;
  expected: Float64Array;
  /** NaN if unknown. */
  actual: Float64Array;
}

/** More origins cost seconds and hardly change a quantile. */
const mostFullOrigins = 42;

/**
 * Returns the latest origins, one per day, with at least `leastPast` steps before them. Origins too late for the whole
 * horizon cover only its first days.
 */
export function originsOf(
  count: number,
  { leastPast, horizon, stride }: { leastPast: number; horizon: number; stride: number },
): number[] {
  const lastFull = count - horizon;
  const full = Math.min(mostFullOrigins, Math.floor((lastFull - leastPast) / stride) + 1);
  if (full < 1) return [];
  const first = lastFull - (full - 1) * stride;
  return Array.from({ length: Math.ceil((count - first) / stride) }, (_, i) => first + i * stride);
}

export function backtest(past: Past, candidate: Candidate, origins: readonly number[], horizon: number): Trial[] {
  return origins.map((origin) => {
    const end = Math.min(past.values.length, origin + horizon);
    const known = { ...past, values: past.values.subarray(0, origin), slots: past.slots.subarray(0, origin) };
    return {
      origin,
      expected: candidate(known, past.slots.subarray(origin, end)),
      actual: past.values.subarray(origin, end),
    };
  });
}
