// Computes the figures of one window in the format of the OpenMessaging Benchmark.

import { createMergedHistogram, type MergedHistogram } from '../merged-histogram.ts';
import type { IntervalLine } from '../step-locator.ts';

/** Suffixes of the benchmark's keys, with their percentiles. */
const ombPercentiles = {
  '50pct': 50,
  '75pct': 75,
  '95pct': 95,
  '99pct': 99,
  '999pct': 99.9,
  '9999pct': 99.99,
} as const;

const millisecond = 1000;

/** The benchmark's three latencies: the first and the last in milliseconds, the delay in whole microseconds. */
export const ombSeries = {
  publishLatency: (microseconds: number) => microseconds / millisecond,
  publishDelayLatency: (microseconds: number) => Math.round(microseconds),
  endToEndLatency: (microseconds: number) => microseconds / millisecond,
} as const;

export type OmbSeries = keyof typeof ombSeries;

export function createOmbSum() {
  const histograms = {
    publishLatency: createMergedHistogram(),
    publishDelayLatency: createMergedHistogram(),
    endToEndLatency: createMergedHistogram(),
  };
  const counts = { acknowledged: 0, failed: 0, consumed: 0 };
  let isFromIntended = false;
  return {
    add(line: IntervalLine): void {
      if (line.kind === 'consumed') {
        counts.consumed += line.messages;
        histograms.endToEndLatency.add(line.endToEnd);
        return;
      }
      counts.acknowledged += line.acknowledged;
      counts.failed += line.failed + (line.dropped ?? 0);
      isFromIntended ||= line.service === undefined;
      histograms.publishLatency.add(line.service ?? line.latency);
      histograms.publishDelayLatency.add(line.sendDelay);
    },
    counts: counts as Readonly<typeof counts>,
    histograms,
    /** True if an interval had no sent-to-acknowledged time, so that latency counts from the intended time. */
    isFromIntended: (): boolean => isFromIntended,
    clear(): void {
      Object.assign(counts, { acknowledged: 0, failed: 0, consumed: 0 });
      for (const histogram of Object.values(histograms)) histogram.clear();
    },
  };
}

/** @returns keys and values of one series; 0 if nothing was measured, like the benchmark */
export function* ombFigures(series: OmbSeries, histogram: MergedHistogram): Iterable<readonly [string, number]> {
  const scaled = ombSeries[series];
  // The benchmark prints a mean in microseconds with decimals, unlike the percentiles.
  const mean = histogram.mean() ?? 0;
  yield [`${series}Avg`, series === 'publishDelayLatency' ? mean : scaled(mean)];
  for (const [ending, percentile] of Object.entries(ombPercentiles)) {
    yield [`${series}${ending}`, scaled(histogram.at(percentile) ?? 0)];
  }
  yield [`${series}Max`, scaled(histogram.max() ?? 0)];
}
