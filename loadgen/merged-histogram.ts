// What do interval histograms of a journal come to together? Merged by adding counts, never by averaging.

import { build, decodeFromCompressedBase64, type Histogram, type JsHistogram } from 'hdr-histogram-js';

/** Of microseconds, as the journal has them. */
export interface MergedHistogram {
  /** @param encoded V2 compressed, base64 */
  add(encoded: string): void;
  count(): number;
  /** Undefined where nothing was added. */
  at(percentile: number): number | undefined;
  mean(): number | undefined;
  max(): number | undefined;
  /** So many steps on each half of the way to 100 %, as HdrHistogram's own percentile iterator takes them. */
  quantiles(ticksPerHalf: number): Iterable<{ percentile: number; microseconds: number }>;
  /** Forgets all of it. */
  clear(): void;
}

export function createMergedHistogram(): MergedHistogram {
  const sum = build({ bitBucketSize: 64, autoResize: true, numberOfSignificantValueDigits: 3 }) as JsHistogram;
  const known = (value: () => number) => (sum.totalCount === 0 ? undefined : value());
  return {
    add: (encoded) => sum.add(decode(encoded)),
    count: () => sum.totalCount,
    at: (percentile) => known(() => sum.getValueAtPercentile(percentile)),
    mean: () => known(() => sum.mean),
    max: () => known(() => sum.maxValue),
    *quantiles(ticksPerHalf) {
      if (sum.totalCount === 0) return;
      const { percentileIterator } = sum;
      percentileIterator.reset(ticksPerHalf);
      while (percentileIterator.hasNext()) {
        const { percentileLevelIteratedTo, valueIteratedTo } = percentileIterator.next();
        yield { percentile: percentileLevelIteratedTo, microseconds: valueIteratedTo };
      }
    },
    clear: () => sum.reset(),
  };
}

/** @returns the highest value each recorded one is taken for, and how often, in rising order */
export function* recordedValues(encoded: string): Iterable<{ microseconds: number; count: number }> {
  const { recordedValuesIterator } = decode(encoded);
  recordedValuesIterator.reset();
  while (recordedValuesIterator.hasNext()) {
    const { valueIteratedTo, countAtValueIteratedTo } = recordedValuesIterator.next();
    yield { microseconds: valueIteratedTo, count: countAtValueIteratedTo };
  }
}

/** @returns the highest recorded value, in microseconds; 0 of an empty one, as HdrHistogram's logs have it */
export const maximumOf = (encoded: string): number => (decode(encoded) as Histogram).maxValue;

/** Without WebAssembly it is garbage collected like everything else. */
const decode = (encoded: string) => decodeFromCompressedBase64(encoded, 64, false) as JsHistogram;
