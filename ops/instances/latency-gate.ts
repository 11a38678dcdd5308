// Holds a rolling change while the p99 of writes is higher than before the change, as a canary measures it.

import { baselineOf } from '../../brokers/canary/latency-window.ts';
import type { Io } from '../../brokers/driver.ts';
import { writeLatencyPolicy } from '../../core/policy/write-latency.ts';
import { durationText } from '../../core/text/duration-text.ts';
import { seconds } from '../../core/units.ts';
import type { Blocker } from '../change/step.ts';
import type { InstanceFacts, InstanceTools } from './facts.ts';

export interface LatencyGate {
  /** Measures the p99 before the change once, for a quarter of a minute. @param healthySince on the monotonic clock */
  look(healthySince: number, io: Io): Promise<LatencyLook>;
}

interface LatencyLook {
  holds: readonly Blocker[];
  evidence: readonly string[];
  p99BeforeSeconds?: number;
}

/** @returns undefined where no canary is wanted */
export function latencyGate(facts: InstanceFacts, { writeLatency, clock }: InstanceTools): LatencyGate | undefined {
  const { canary } = facts;
  if (canary === undefined) return undefined;
  return {
    async look(healthySince, io) {
      const latency = writeLatency(canary);
      const before = facts.p99BeforeSeconds;
      if (before !== undefined) {
        // What was slow while an instance restarted does not count.
        const window = Math.min(clock.monotonic() - healthySince, writeLatencyPolicy.samplesSeconds.value);
        const now = latency.p99(window);
        return now === undefined ? unknown(canary, latency.reason()) : compare(before, now);
      }
      const { value } = writeLatencyPolicy.baselineSeconds;
      await clock.sleep(seconds(value), io);
      const measured = baselineOf(latency.p99(value));
      if (measured === undefined) return unknown(canary, latency.reason());
      const evidence = [`the p99 of writes is ${durationText(measured)} before the change`];
      return { holds: [], evidence, p99BeforeSeconds: measured };
    },
  };
}

function unknown(topic: string, reason = 'too few writes were acknowledged so far'): LatencyLook {
  return { holds: [{ what: `the p99 of writes to canary topic ${topic} is unknown: ${reason}` }], evidence: [] };
}

function compare(before: number, now: number): LatencyLook {
  const { rollRatio, unnoticedSeconds } = writeLatencyPolicy;
  const limit = Math.max(rollRatio.value * before, unnoticedSeconds.value);
  const [is, was] = [durationText(now), durationText(before)];
  if (now <= limit) return { holds: [], evidence: [`the p99 of writes is ${is}, ${was} before the change`] };
  const what = `the p99 of writes is ${is}, above the limit of ${durationText(limit)}; it was ${was} before the change`;
  return { holds: [{ what }], evidence: [] };
}
