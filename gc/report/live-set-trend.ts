// Fits the growth of the live set: a slope with a confidence interval, robust against outliers.

import type { Point } from './thinned-series.ts';

/** Two-sided 95 % quantile of the standard normal distribution. */
const z = 1.959964;
/** Fewer points cannot be significant by the normal approximation of Kendall's S. */
const fewest = 8;

/**
 * Median of the slopes between all pairs (Theil 1950, Sen 1968); confidence interval by the ranks of Kendall's S
 * (Hollander and Wolfe, 9.3).
 */
export function trendOf(points: readonly Point[]) {
  const n = points.length;
  if (n < fewest) return undefined;
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
