// Stores samples of a JVM's pauses and heap for one day, one per five minutes.

import { stopBounds, type GcLogTotals } from '../../core/documents/evidence/gc-log-reading.ts';
import type { GcPoint } from '../../dashboards/web/gc/gc-view.ts';

const spacingMs = 295_000;
/** One day of samples, in typed columns: 30 kB per log, a fifth of what objects would take. */
const mostSamples = 288;

const sums = [
  'gcSeconds',
  'otherSeconds',
  'pauses',
  'fullCollections',
  'evacuationFailures',
  'stalls',
  'slowSafepoints',
  'longStops',
] as const satisfies readonly (keyof GcInterval)[];

/** Sums, then the last values, and the longest stop since the previous sample. */
const columns = ['atMs', ...sums, 'heapAfterBytes', 'liveSetBytes', 'longestSeconds'] as const;
type Column = (typeof columns)[number];
type Sample = Record<Column, number>;

/** Values between two samples; unknown values are absent, for example after a counter reset. */
export interface GcInterval extends GcPoint {
  evacuationFailures?: number;
  stalls?: number;
  /** Pauses whose threads took longer than 0.1 s to reach the safepoint. */
  slowSafepoints?: number;
  /** Stops longer than the broker's peers or clients wait. */
  longStops?: number;
}

/** A longer time to safepoint is a finding: half of RocketMQ's waitTimeMillsInSendQueue (200 ms). */
const slowSafepointSeconds = 0.1;

export class GcCourse {
  readonly #longStopSeconds: number;
  #data = new Float64Array(0);
  #count = 0;
  #latest: Sample | undefined;
  #buckets: readonly number[] | undefined;
  #longest = Number.NaN;

  /** @param longStopSeconds one of the histogram bounds of stops */
  constructor(longStopSeconds: number) {
    this.#longStopSeconds = longStopSeconds;
  }

  add(atMs: number, totals: GcLogTotals): void {
    const buckets = bucketsOf(totals);
    const longest = longestSince(this.#buckets, buckets);
    this.#buckets = buckets;
    if (longest !== undefined) this.#longest = Math.max(longest, Number.isNaN(this.#longest) ? 0 : this.#longest);
    const sample = sampleOf(atMs, totals, { longStopSeconds: this.#longStopSeconds, longest: this.#longest });
    this.#latest = sample;
    // If the wall clock was set back, drops samples with later times.
    while (this.#count > 0 && this.#at(this.#count - 1, 'atMs') > atMs) this.#count -= 1;
    if (this.#count > 0 && atMs - this.#at(this.#count - 1, 'atMs') < spacingMs) return;
    this.#push(sample);
    this.#longest = Number.NaN;
  }

  /** Intervals, oldest first, with the incomplete one last; none before the second reading. */
  get intervals(): GcInterval[] {
    const samples = Array.from({ length: this.#count }, (_, row) => this.#sample(row));
    const latest = this.#latest;
    if (latest !== undefined && latest.atMs > (samples.at(-1)?.atMs ?? 0)) samples.push(latest);
    return samples.slice(1).map((sample, index) => intervalBetween(samples[index] as Sample, sample));
  }

  #push(sample: Sample): void {
    const width = columns.length;
    if (this.#count === mostSamples) {
      this.#data.copyWithin(0, width);
      this.#count -= 1;
    } else if ((this.#count + 1) * width > this.#data.length) {
      const grown = new Float64Array(Math.min(mostSamples, Math.max(16, 2 * this.#count)) * width);
      grown.set(this.#data);
      this.#data = grown;
    }
    this.#data.set(
      columns.map((column) => sample[column]),
      this.#count * width,
    );
    this.#count += 1;
  }

  #at(row: number, column: Column): number {
    return this.#data[row * columns.length + columns.indexOf(column)] ?? Number.NaN;
  }

  #sample(row: number): Sample {
    return Object.fromEntries(columns.map((column) => [column, this.#at(row, column)])) as Sample;
  }
}

/** Combines intervals into one: sums over the time, the longest stop, and the heap at the end. */
export function wholeOf(intervals: readonly GcInterval[]): GcInterval | undefined {
  const [first] = intervals;
  const last = intervals.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const whole: GcInterval = { fromMs: first.fromMs, toMs: last.toMs };
  for (const sum of sums) {
    const known = intervals.flatMap((interval) => interval[sum] ?? []);
    if (known.length > 0) whole[sum] = known.reduce((total, value) => total + value, 0);
  }
  const longest = intervals.flatMap(({ longestSeconds }) => longestSeconds ?? []);
  if (longest.length > 0) whole.longestSeconds = Math.max(...longest);
  if (last.heapAfterBytes !== undefined) whole.heapAfterBytes = last.heapAfterBytes;
  if (last.liveSetBytes !== undefined) whole.liveSetBytes = last.liveSetBytes;
  return whole;
}

/** Returns counts by the upper bounds of pauses, then the count above the last bound. */
function bucketsOf({ pauses }: GcLogTotals): number[] {
  const all = Array.from({ length: stopBounds.length + 1 }, () => 0);
  for (const { histogram } of pauses) {
    let below = 0;
    for (const [index, count] of histogram.buckets.entries()) {
      all[index] = (all[index] ?? 0) + count;
      below += count;
    }
    all[stopBounds.length] = (all[stopBounds.length] ?? 0) + histogram.count - below;
  }
  return all;
}

/** @returns the upper bound of the longest new stop */
function longestSince(before: readonly number[] | undefined, now: readonly number[]): number | undefined {
  if (before === undefined) return undefined;
  const last = now.findLastIndex((count, index) => count > (before[index] ?? 0));
  return last === -1 ? undefined : (stopBounds[last] ?? Infinity);
}

function sampleOf(
  atMs: number,
  totals: GcLogTotals,
  { longStopSeconds, longest }: { longStopSeconds: number; longest: number },
): Sample {
  const { stopped, pauses, fullCollections, evacuationFailures, stalls, timeToSafepoint, heap, liveSetBytes } = totals;
  const above = (bound: number, histogram: { buckets: readonly number[]; count: number }) =>
    histogram.count -
    stopBounds.reduce((below, each, index) => below + (each <= bound ? (histogram.buckets[index] ?? 0) : 0), 0);
  const total = <Value>(values: readonly Value[], of: (value: Value) => number) =>
    values.reduce((sum, value) => sum + of(value), 0);
  return {
    atMs,
    gcSeconds: stopped.find(({ reason }) => reason === 'gc')?.seconds ?? 0,
    otherSeconds: total(stopped, ({ reason, seconds }) => (reason === 'gc' ? 0 : seconds)),
    pauses: total(pauses, ({ histogram }) => histogram.count),
    fullCollections: total(fullCollections, ({ count }) => count),
    evacuationFailures,
    stalls: total(stalls, ({ count }) => count),
    slowSafepoints: timeToSafepoint === undefined ? Number.NaN : above(slowSafepointSeconds, timeToSafepoint),
    longStops: total(pauses, ({ histogram }) => above(longStopSeconds, histogram)),
    heapAfterBytes: heap?.afterBytes ?? Number.NaN,
    liveSetBytes: liveSetBytes ?? Number.NaN,
    longestSeconds: longest,
  };
}

function intervalBetween(before: Sample, after: Sample): GcInterval {
  const interval: GcInterval = { fromMs: before.atMs, toMs: after.atMs };
  for (const sum of sums) {
    const grown = after[sum] - before[sum];
    if (grown >= 0) interval[sum] = grown;
  }
  for (const last of ['heapAfterBytes', 'liveSetBytes', 'longestSeconds'] as const) {
    if (!Number.isNaN(after[last])) interval[last] = after[last];
  }
  return interval;
}
