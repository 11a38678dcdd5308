// Computes the figures of one window as the OpenMessaging Benchmark prints them.

import { createMergedHistogram, type MergedHistogram } from '../merged-histogram.ts';
import type { IntervalLine } from '../step-locator.ts';

/** Endings of its keys, with the percentile each stands for. */
const ombPercentiles = {
  '50pct': 50,
  '75pct': 75,
  '95pct': 95,
  '99pct': 99,
  '999pct': 99.9,
  '9999pct': 99.99,
} as const;

const millisecond = 1000;

/** Its three latencies: the first and the last in milliseconds, the delay in whole microseconds. */
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
    /** Whether some interval had no time from sent to acknowledged, so that it counts from the intended moment. */
    isFromIntended: (): boolean => isFromIntended,
    clear(): void {
      Object.assign(counts, { acknowledged: 0, failed: 0, consumed: 0 });
      for (const histogram of Object.values(histograms)) histogram.clear();
    },
  };
}

/** @returns keys and values of one series; 0 where nothing was measured, as the benchmark itself has it */
export function* ombFigures(series: OmbSeries, histogram: MergedHistogram): Iterable<readonly [string, number]> {
  const scaled = ombSeries[series];
  // A mean of microseconds has decimals there, unlike the percentiles beside it.
  const mean = histogram.mean() ?? 0;
  yield [`${series}Avg`, series === 'publishDelayLatency' ? mean : scaled(mean)];
  for (const [ending, percentile] of Object.entries(ombPercentiles)) {
    yield [`${series}${ending}`, scaled(histogram.at(percentile) ?? 0)];
  }
  yield [`${series}Max`, scaled(histogram.max() ?? 0)];
}
