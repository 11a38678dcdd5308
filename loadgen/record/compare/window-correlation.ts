// Measures the correlation of neighbouring windows, which makes ten windows count as fewer than ten samples.

import { mean } from '../../../core/statistics/statistics.ts';

/**
 * Above it, a difference may well be chance: at 0.3, a fifth of identical pairs were reported as different
 * (docs/run-results.md).
 */
export const mostCorrelation = 0.3;

/**
 * Lag-1 autocorrelation, corrected for the bias of short series: about (1 + 3r) / n too low (Marriott and Pope 1954;
 * Kendall 1954).
 *
 * @returns undefined for fewer than six values or if all are equal
 */
export function neighbourCorrelation(values: readonly number[]): number | undefined {
  const n = values.length;
  if (n < 6) return undefined;
  const middle = mean(values);
  const away = values.map((value) => value - middle);
  const all = away.reduce((sum, value) => sum + value * value, 0);
  if (all === 0) return undefined;
  const neighbours = away.slice(1).reduce((sum, value, index) => sum + value * (away[index] ?? 0), 0);
  const r = neighbours / all;
  return Math.max(-1, Math.min(1, r + (1 + 3 * r) / n));
}
