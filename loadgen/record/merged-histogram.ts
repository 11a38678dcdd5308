// Merges the journal's interval histograms by adding counts.

import { build, type JsHistogram } from 'hdr-histogram-js';
import { decodeCounts, valueAt, valueStep } from '../../core/statistics/latency-counts.ts';

/** Of microseconds, as the journal has them. */
export type MergedHistogram = ReturnType<typeof createMergedHistogram>;

export function createMergedHistogram() {
  const sum = build({ bitBucketSize: 64, autoResize: true, numberOfSignificantValueDigits: 3 }) as JsHistogram;
  const known = (value: () => number) => (sum.totalCount === 0 ? undefined : value());
  return {
    /** @param encoded V2 compressed, base64 */
    add(encoded: string): void {
      for (const { microseconds, count } of recordedValues(encoded)) sum.recordValueWithCount(microseconds, count);
    },
    /** Undefined where nothing was added. */
    at: (percentile: number): number | undefined => known(() => sum.getValueAtPercentile(percentile)),
    mean: (): number | undefined => known(() => sum.mean),
    max: (): number | undefined => known(() => sum.maxValue),
    /** So many steps on each half of the way to 100 %, as HdrHistogram's own percentile iterator takes them. */
    *quantiles(ticksPerHalf: number): Iterable<{ percentile: number; microseconds: number }> {
      if (sum.totalCount === 0) return;
      const { percentileIterator } = sum;
      percentileIterator.reset(ticksPerHalf);
      while (percentileIterator.hasNext()) {
        const { percentileLevelIteratedTo, valueIteratedTo } = percentileIterator.next();
        yield { percentile: percentileLevelIteratedTo, microseconds: valueIteratedTo };
      }
    },
    /** Forgets all of it. */
    clear: (): void => sum.reset(),
  };
}

/** @returns the highest value each recorded one is taken for, and how often, in rising order */
export function* recordedValues(encoded: string): Iterable<{ microseconds: number; count: number }> {
  const { indices, counts } = decodeCounts(encoded);
  for (const [at, index] of indices.entries()) yield { microseconds: highestAt(index), count: counts[at] ?? 0 };
}

/** @returns the highest recorded value, in microseconds; 0 of an empty one, as HdrHistogram's logs have it */
export function maximumOf(encoded: string): number {
  const last = decodeCounts(encoded).indices.at(-1);
  return last === undefined ? 0 : highestAt(last);
}

const highestAt = (index: number): number => valueAt(index) + valueStep(index) - 1;
