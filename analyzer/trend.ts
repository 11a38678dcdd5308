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
/** Of one trend at a time: thousands of trends of a long run would each leave a third of a megabyte. */
const allSlopes = new Float64Array((mostSamples * (mostSamples - 1)) / 2);

/** @returns undefined below five samples, where even a strictly rising series is not significant at 5 % */
export function trendOf(values: readonly number[]): Trend | undefined {
  const width = Math.ceil(values.length / mostSamples);
  const series = width > 1 ? thin(values, width) : values;
  const n = series.length;
  if (n < 5) return undefined;
  let s = 0;
  const slopes = allSlopes.subarray(0, (n * (n - 1)) / 2);
  let pairs = 0;
  for (let later = 1; later < n; later += 1) {
    for (let earlier = 0; earlier < later; earlier += 1) {
      const rise = (series[later] as number) - (series[earlier] as number);
      s += Math.sign(rise);
      slopes[pairs++] = rise / (later - earlier);
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

/** Puts the values into another order. */
function median(values: Float64Array): number {
  const middle = values.length >> 1;
  const upper = rank(values, middle);
  if (values.length % 2 === 1) return upper;
  // What lies before it is no greater.
  let lower = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < middle; i += 1) lower = Math.max(lower, values[i] as number);
  return (lower + upper) / 2;
}

/** The k-th smallest, with no greater one before it (Hoare 1961, Algorithm 65): of a hundred thousand slopes in a tenth of a sort. */
function rank(values: Float64Array, k: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const pivot = values[(low + high) >> 1] as number;
    let [i, j] = [low, high];
    while (i <= j) {
      while ((values[i] as number) < pivot) i += 1;
      while ((values[j] as number) > pivot) j -= 1;
      if (i > j) break;
      const kept = values[i] as number;
      values[i] = values[j] as number;
      values[j] = kept;
      i += 1;
      j -= 1;
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else break;
  }
  return values[k] as number;
}

function thin(values: readonly number[], width: number): number[] {
  return Array.from({ length: Math.floor(values.length / width) }, (_, index) => {
    const batch = values.slice(index * width, (index + 1) * width);
    return batch.reduce((sum, value) => sum + value, 0) / batch.length;
  });
}
