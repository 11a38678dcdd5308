// Fits a line by the median of slopes, so that storms and backups do not bend it.

import { median, normalMad } from '../../core/statistics/statistics.ts';

export interface LinePoint {
  x: number;
  y: number;
}

/**
 * Theil's incomplete method (1950): points are ordered by x, and each is paired with the point half of them further. The slope is the
 * median of the slopes of the pairs, the intercept the median of the residuals. Up to three of ten points may be outliers.
 *
 * @returns undefined below eight points, or if all x are equal; `scale` is the standard deviation of the residuals, estimated from
 *   the smaller half as for a normal distribution
 */
export function robustLine(points: readonly LinePoint[]) {
  if (points.length < 8) return undefined;
  const sorted = points.toSorted((a, b) => a.x - b.x);
  const half = sorted.length >> 1;
  const slopes = sorted.slice(0, half).flatMap(({ x, y }, index) => {
    const other = sorted[index + sorted.length - half] as LinePoint;
    return other.x > x ? [(other.y - y) / (other.x - x)] : [];
  });
  if (slopes.length === 0) return undefined;
  const slope = median(slopes);
  const intercept = median(points.map(({ x, y }) => y - slope * x));
  const scale = normalMad * median(points.map(({ x, y }) => Math.abs(y - intercept - slope * x)));
  return { intercept, slope, scale };
}
