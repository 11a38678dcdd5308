// Computes the trend of the live set of a JVM from its collections of the old generation.

import type { Point } from './thinned-series.ts';

/** A program that has just started still fills its caches. */
const shortestSeconds = 600;
/** A real growth that takes more than a month to fill the heap is not reported. */
export const longestHorizon = 30 * 86_400;
/** Two-sided 95 % quantile of the standard normal distribution. */
const z = 1.959964;
/** Fewer points cannot be significant by the normal approximation of Kendall's S. */
const fewest = 8;

/**
 * Median of the slopes between all pairs (Theil 1950, Sen 1968); confidence interval by the ranks of Kendall's S
 * (Hollander and Wolfe, 9.3).
 *
 * @param points times in seconds, of collections of the old generation
 */
export function liveSetTrend(points: readonly Point[]) {
  const n = points.length;
  const seconds = (points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0);
  if (n < fewest || seconds < shortestSeconds) return undefined;
  const slopes: number[] = [];
  for (const [index, earlier] of points.entries()) {
    for (const later of points.slice(index + 1)) {
      if (later.at > earlier.at) slopes.push((later.value - earlier.value) / (later.at - earlier.at));
    }
  }
  if (slopes.length === 0) return undefined;
  slopes.sort((a, b) => a - b);
  const half = (z * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18)) / 2;
  const at = (rank: number) => slopes[Math.min(slopes.length - 1, Math.max(0, Math.round(rank)))] as number;
  const middle = (slopes.length - 1) / 2;
  return {
    perSecond: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    /** Bounds of the 95 % interval, by the ranks of the slopes. */
    low: at(middle - half),
    high: at(middle + half),
    samples: n,
  };
}
