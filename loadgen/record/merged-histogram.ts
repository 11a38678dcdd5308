// Merges the journal's interval histograms by adding counts.

import { build, type JsHistogram } from 'hdr-histogram-js';
import { decodeCounts, valueAt, valueStep } from '../../core/statistics/latency-counts.ts';

/** Histogram in microseconds, like those of the journal. */
export type MergedHistogram = ReturnType<typeof createMergedHistogram>;

export function createMergedHistogram() {
  const sum = build({ bitBucketSize: 64, autoResize: true, numberOfSignificantValueDigits: 3 }) as JsHistogram;
  const known = (value: () => number) => (sum.totalCount === 0 ? undefined : value());
  return {
    /** @param encoded V2 compressed histogram in base64 */
    add(encoded: string): void {
      for (const { microseconds, count } of recordedValues(encoded)) sum.recordValueWithCount(microseconds, count);
    },
    /** Returns undefined if the histogram is empty. */
    at: (percentile: number): number | undefined => known(() => sum.getValueAtPercentile(percentile)),
    mean: (): number | undefined => known(() => sum.mean),
    max: (): number | undefined => known(() => sum.maxValue),
    /** Yields this many steps for each halving of the distance to 100 %, like HdrHistogram's percentile iterator. */
    *quantiles(ticksPerHalf: number): Iterable<{ percentile: number; microseconds: number }> {
      if (sum.totalCount === 0) return;
      const { percentileIterator } = sum;
      percentileIterator.reset(ticksPerHalf);
      while (percentileIterator.hasNext()) {
        const { percentileLevelIteratedTo, valueIteratedTo } = percentileIterator.next();
        yield { percentile: percentileLevelIteratedTo, microseconds: valueIteratedTo };
      }
    },
    /** Resets the histogram. */
    clear: (): void => sum.reset(),
  };
}

/** @returns for each bucket with samples, its highest value and count, ascending */
export function recordedValues(encoded: string): { microseconds: number; count: number }[] {
  const { indices, counts } = decodeCounts(encoded);
  return Array.from(indices, (index, at) => ({ microseconds: highestAt(index), count: counts[at] ?? 0 }));
}

/** @returns the highest recorded value in microseconds; 0 if empty, as in HdrHistogram logs */
export function maximumOf(encoded: string): number {
  const last = decodeCounts(encoded).indices.at(-1);
  return last === undefined ? 0 : highestAt(last);
}

const highestAt = (index: number): number => valueAt(index) + valueStep(index) - 1;
