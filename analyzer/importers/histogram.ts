// Which percentiles do many interval histograms make together? HdrHistogram V2, merged by adding counts, never by averaging.

import { build, decodeFromCompressedBase64, type Histogram } from 'hdr-histogram-js';
import type { Percentiles } from '../../core/analysis.ts';

/** A second of latencies at three digits is below 20 kB; a longer text may unfold to anything. */
const longestText = 2 ** 17;

export class MergedHistogram {
  #sum: Histogram | undefined;

  /** @param text V2-compressed microseconds in base64. @returns how many samples it holds. @throws Error when it is none. */
  add(text: string): number {
    if (text.length > longestText)
      throw new Error(`a histogram of ${text.length} characters is longer than ${longestText}`);
    const histogram = decodeFromCompressedBase64(text);
    if (histogram.totalCount === 0) return 0;
    this.#sum ??= build({ bitBucketSize: 64, autoResize: true, numberOfSignificantValueDigits: 3 });
    this.#sum.add(histogram);
    return histogram.totalCount;
  }

  /** @returns seconds, or undefined when nothing was recorded */
  mean(): number | undefined {
    return this.#sum && this.#sum.mean / 1e6;
  }

  /** @returns seconds, or undefined when nothing was recorded */
  percentiles(): Percentiles | undefined {
    const sum = this.#sum;
    if (sum === undefined) return undefined;
    const at = (percentile: number) => sum.getValueAtPercentile(percentile) / 1e6;
    return { p50: at(50), p99: at(99), p999: at(99.9), max: sum.maxValue / 1e6 };
  }
}
