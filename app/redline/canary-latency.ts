// Measures the write latency of one broker with a canary, in parallel to the live traffic.

import { p99Of } from '../../brokers/canary/latency-window.ts';
import type { ClusterConfig } from '../../brokers/config.ts';
import { createLatencyRecorder } from '../../loadgen/record/latency.ts';
import { watchLatency } from '../change/write-latency.ts';
import type { RedlineCaller } from './redline-request.ts';

const everySeconds = 0.1;

export type CanaryLatency = ReturnType<typeof watchCanary>;

/** @param broker in the canary's notation: Kafka by id, RocketMQ by name. @param topic with a partition on the broker */
export function watchCanary(
  io: Pick<RedlineCaller, 'clock' | 'signal' | 'stderr'>,
  { name, cluster, broker, topic }: { name: string; cluster: ClusterConfig; broker: string; topic: string },
) {
  const histogram = createLatencyRecorder();
  const watched = watchLatency(
    io,
    { name, config: cluster },
    {
      topic,
      everySeconds,
      only: broker,
      recorded: (record) => ({
        ...record,
        took(of, step, took) {
          record.took(of, step, took);
          if (step === 'produce') histogram.record(took);
        },
      }),
    },
  );
  return {
    /** Histogram of the samples since the last call. */
    take: () => histogram.take(),
    reason: watched.reason,
    /** p99 of the last seconds, in seconds; undefined with too few samples. */
    p99: (length: number) => p99Of(watched.recent(length)),
    [Symbol.asyncDispose]: () => watched[Symbol.asyncDispose](),
  };
}
