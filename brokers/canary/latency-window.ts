// Keeps the latest write latencies of a canary.

import { type Clock, seconds } from '../../core/clock.ts';
import { writeLatencyPolicy } from '../../core/policy/write-latency.ts';
import { quantile } from '../../core/statistics/statistics.ts';
import { movedErrors } from '../kafka/platformatic/leaders.ts';
import type { CanaryRecord } from './canary.ts';

export interface LatencyWindow {
  record: CanaryRecord;
  /** Seconds until the acknowledgement, of messages that ended within the last `window` seconds. */
  recent(window: number): readonly number[];
}

/** Latency that a refused or unacknowledged message counts with. */
export const lostAfter = seconds(10);

/** @returns undefined with too few samples */
export const p99Of = (samples: readonly number[]): number | undefined =>
  samples.length < writeLatencyPolicy.minimumSamples.value ? undefined : quantile(samples, 0.99);

/** @returns undefined if no later p99 can be compared with it: too few samples, or 1% of the writes failed */
export const baselineOf = (p99: number | undefined): number | undefined =>
  p99 !== undefined && p99 < lostAfter ? p99 : undefined;

/** Kafka's retry.backoff.ms: the minimum wait of a message whose leader has moved. */
const handOverSeconds = 0.1;
const keptSeconds = 300;

export function createLatencyWindow(clock: Clock): LatencyWindow {
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
      failed(_, step, errorClass) {
        if (step === 'produce') add(movedErrors.has(errorClass) ? handOverSeconds : lostAfter);
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
