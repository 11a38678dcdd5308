// Does a series go up or down, and how fast? Rank-based, so that one stalled second decides nothing.

import { normalProbability } from './statistics.ts';

export interface Trend {
  /** Units of the series per sample: the median of the slopes between all pairs (Theil 1950, Sen 1968). */
  slope: number;
  /** Two-sided probability of such a trend by chance (Mann 1945, Kendall 1975), with the correction for ties. */
  probability: number;
}

/** Pairs grow with the square; past this many samples neighbours are averaged first. */
const mostSamples = 300;

/** @returns undefined below five samples, where even a strictly rising series is not significant at 5 % */
export function trendOf(values: readonly number[]): Trend | undefined {
  const width = Math.ceil(values.length / mostSamples);
  const series = width > 1 ? thin(values, width) : values;
  const n = series.length;
  if (n < 5) return undefined;
  let s = 0;
  const slopes: number[] = [];
  for (let later = 1; later < n; later += 1) {
    for (let earlier = 0; earlier < later; earlier += 1) {
      const rise = (series[later] as number) - (series[earlier] as number);
      s += Math.sign(rise);
      slopes.push(rise / (later - earlier));
    }
  }
  const ties = new Map<number, number>();
  for (const value of series) ties.set(value, (ties.get(value) ?? 0) + 1);
  let variance = n * (n - 1) * (2 * n + 5);
  for (const count of ties.values()) variance -= count * (count - 1) * (2 * count + 5);
  variance /= 18;
  const z = variance === 0 ? 0 : (s - Math.sign(s)) / Math.sqrt(variance);
  return { slope: median(slopes) / width, probability: normalProbability(z) };
}

function median(values: number[]): number {
  values.sort((a, b) => a - b);
  const middle = values.length >> 1;
  const upper = values[middle] as number;
  return values.length % 2 === 1 ? upper : ((values[middle - 1] as number) + upper) / 2;
}

function thin(values: readonly number[], width: number): number[] {
  return Array.from({ length: Math.floor(values.length / width) }, (_, index) => {
    const batch = values.slice(index * width, (index + 1) * width);
    return batch.reduce((sum, value) => sum + value, 0) / batch.length;
  });
}
