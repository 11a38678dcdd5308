// Keeps the latest write latencies of a canary.

import type { Clock } from '../../core/clock.ts';
import { writeLatencyPolicy } from '../../core/policy/write-latency.ts';
import { quantile } from '../../core/statistics/statistics.ts';
import type { Seconds } from '../../core/units.ts';
import type { CanaryRecord } from './canary.ts';

export interface LatencyWindow {
  record: CanaryRecord;
  /** Seconds until the acknowledgement, of messages that ended within the last `window` seconds. */
  recent(window: number): readonly number[];
}

/** @returns undefined with too few samples */
export const p99Of = (samples: readonly number[]): number | undefined =>
  samples.length < writeLatencyPolicy.minimumSamples.value ? undefined : quantile(samples, 0.99);

/** Kafka's retry.backoff.ms: the least that a refused message waits. */
const refusedSeconds = 0.1;
const keptSeconds = 300;

/** @param lostAfter what a message that was never acknowledged counts as */
export function createLatencyWindow(clock: Clock, lostAfter: Seconds): LatencyWindow {
  let samples: { at: number; took: number }[] = [];
  const add = (took: number) => {
    const at = clock.monotonic();
    samples.push({ at, took });
    if ((samples[0]?.at ?? at) < at - 2 * keptSeconds) samples = samples.filter((each) => each.at >= at - keptSeconds);
  };
  return {
    record: {
      up() {},
      sent() {},
      ended() {},
      took(_, step, took) {
        if (step === 'produce') add(took);
      },
      failed(_, step) {
        if (step === 'produce') add(refusedSeconds);
      },
      lost(_, step) {
        if (step === 'produce') add(lostAfter);
      },
    },
    recent(window) {
      const since = clock.monotonic() - window;
      return samples.flatMap(({ at, took }) => (at >= since ? took : []));
    },
  };
}
