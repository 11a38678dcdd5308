// Computes percentiles over many histograms, merged by adding counts, never by averaging.

import type { Percentiles } from '../documents/analysis.ts';
import { decodeCounts, valueAt, valueStep, type SparseCounts } from './latency-counts.ts';

const microseconds = 1e6;

/** In seconds. */
export type LatencyPercentiles = Percentiles & { p95: number };

export interface LatencySum {
  /** @returns its number of samples. @throws Error if it is not a histogram */
  add(encoded: string): number;
  addCounts(part: SparseCounts): number;
  /** Adds all samples of another sum. */
  include(other: LatencySum): void;
  /** Samples by class, and their total. */
  read(): { counts: Float64Array; total: number };
  percentiles(): LatencyPercentiles | undefined;
  /** In seconds. */
  p99(): number | undefined;
  /** In seconds. */
  mean(): number | undefined;
  clear(): void;
}

/** Sums encoded histograms, because percentiles of a step are never means of percentiles. */
export function createLatencySum(): LatencySum {
  let counts = new Float64Array(0);
  let total = 0;

  /** Returns the highest value of the class that contains the percentile. */
  function at(percentile: number): number {
    const share = (percentile / 100) * total;
    // Rounding may put the product one unit in the last place above a whole count.
    const wanted = Math.max(1, Math.ceil(share - share * Number.EPSILON));
    // From the highest, because most percentiles are high.
    let index = counts.length - 1;
    for (let above = counts[index] as number; above <= total - wanted; above += counts[index] as number) index -= 1;
    return highestOf(index) / microseconds;
  }

  function addCounts(part: SparseCounts): number {
    const highest = part.indices.at(-1) ?? -1;
    if (highest >= counts.length) counts = grown(counts, highest + 1);
    for (let i = 0; i < part.indices.length; i++) {
      const index = part.indices[i] as number;
      counts[index] = (counts[index] as number) + (part.counts[i] as number);
    }
    total += part.total;
    return part.total;
  }

  return {
    add: (encoded) => addCounts(decodeCounts(encoded)),
    addCounts,
    include(other) {
      const part = other.read();
      if (part.counts.length > counts.length) counts = grown(counts, part.counts.length);
      for (let index = 0; index < part.counts.length; index++) {
        counts[index] = (counts[index] ?? 0) + (part.counts[index] ?? 0);
      }
      total += part.total;
    },
    read: () => ({ counts, total }),
    percentiles() {
      if (total === 0) return undefined;
      const highest = counts.findLastIndex((count) => count > 0);
      return { p50: at(50), p95: at(95), p99: at(99), p999: at(99.9), max: highestOf(highest) / microseconds };
    },
    p99: () => (total === 0 ? undefined : at(99)),
    mean() {
      if (total === 0) return undefined;
      const sum = counts.reduce((before, count, index) => before + count * middleOf(index), 0);
      return sum / total / microseconds;
    },
    clear() {
      counts.fill(0);
      total = 0;
    },
  };
}

/** Returns the slowest of several groups: an SLO applies to each group, and messages of a fast group would hide a slow one. */
export function slowestOf(sums: Iterable<LatencySum>): LatencyPercentiles | undefined {
  const all = [...sums].flatMap((sum) => sum.percentiles() ?? []);
  if (all.length === 0) return undefined;
  const most = (percentile: keyof LatencyPercentiles) => Math.max(...all.map((each) => each[percentile]));
  return { p50: most('p50'), p95: most('p95'), p99: most('p99'), p999: most('p999'), max: most('max') };
}

const highestOf = (index: number) => valueAt(index) + valueStep(index) - 1;
const middleOf = (index: number) => valueAt(index) + Math.floor(valueStep(index) / 2);

/** Doubles the capacity, so that the array is not copied for every new highest value. */
function grown(counts: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(Math.max(2 * counts.length, length));
  larger.set(counts);
  return larger;
}
