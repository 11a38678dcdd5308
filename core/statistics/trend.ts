// Computes the trend of a series from ranks, so that a single stalled second does not decide it.

import { medianOf, normalProbability } from './statistics.ts';

interface Trend {
  /** Units of the series per sample: the median of the slopes between all pairs (Theil 1950, Sen 1968). */
  slope: number;
  /** Two-sided p-value of the trend (Mann 1945, Kendall 1975), with the correction for ties. */
  probability: number;
}

/** Pairs grow with the square, so longer series are averaged over neighbours first. */
const mostSamples = 300;
/** Shared buffer: thousands of trends of a long run would each allocate a third of a megabyte. */
const allSlopes = new Float64Array((mostSamples * (mostSamples - 1)) / 2);

/** @returns undefined below five samples, where even a strictly rising series is not significant at 5% */
export function trendOf(values: readonly number[]): Trend | undefined {
  const { series, width } = thinned(values);
  if (series.length < 5) return undefined;
  return { slope: medianSlope(series) / width, probability: probabilityOf(series) };
}

/** Skips the slope, which takes far longer. @returns whether there is a trend in either direction (p < 0.05) */
export function hasTrend(values: readonly number[]): boolean {
  const { series } = thinned(values);
  return series.length >= 5 && probabilityOf(series) < 0.05;
}

function probabilityOf(series: readonly number[]): number {
  const n = series.length;
  let s = 0;
  for (let later = 1; later < n; later += 1) {
    const value = series[later] as number;
    for (let earlier = 0; earlier < later; earlier += 1) s += Math.sign(value - (series[earlier] as number));
  }
  const ties = new Map<number, number>();
  for (const value of series) ties.set(value, (ties.get(value) ?? 0) + 1);
  let variance = n * (n - 1) * (2 * n + 5);
  for (const count of ties.values()) variance -= count * (count - 1) * (2 * count + 5);
  variance /= 18;
  return normalProbability(variance === 0 ? 0 : (s - Math.sign(s)) / Math.sqrt(variance));
}

function medianSlope(series: readonly number[]): number {
  const n = series.length;
  const slopes = allSlopes.subarray(0, (n * (n - 1)) / 2);
  let pairs = 0;
  for (let later = 1; later < n; later += 1) {
    const value = series[later] as number;
    for (let earlier = 0; earlier < later; earlier += 1) {
      slopes[pairs++] = (value - (series[earlier] as number)) / (later - earlier);
    }
  }
  return medianOf(slopes);
}

/** @returns means of neighbours if there are too many samples */
function thinned(values: readonly number[]): { series: readonly number[]; width: number } {
  const width = Math.ceil(values.length / mostSamples);
  return { series: width > 1 ? thin(values, width) : values, width };
}

function thin(values: readonly number[], width: number): number[] {
  return Array.from({ length: Math.floor(values.length / width) }, (_, index) => {
    const batch = values.slice(index * width, (index + 1) * width);
    return batch.reduce((sum, value) => sum + value, 0) / batch.length;
  });
}
