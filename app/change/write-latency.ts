// Measures the latency of writes during a change with a canary.

import { createCanary, type CanaryRecord } from '../../brokers/canary/canary.ts';
import { createLatencyWindow, lostAfter, type LatencyWindow } from '../../brokers/canary/latency-window.ts';
import { driverOf } from '../../brokers/registry.ts';
import type { ClusterConfig } from '../../brokers/config.ts';
import { createLogger } from '../../core/log.ts';
import type { Caller } from '../caller.ts';

export interface WatchedLatency extends AsyncDisposable {
  /** Latencies in seconds of the writes that ended within the last `window` seconds. */
  recent: LatencyWindow['recent'];
  /** Why nothing can be sent, or why the last message to a broker was not acknowledged or not read; absent if neither applies. */
  reason(): string | undefined;
}

interface WatchedWrites {
  topic: string;
  everySeconds: number;
  /** The only broker to measure; default: all brokers in turn. */
  only?: string;
  /** Transforms or filters the canary's records; default: all are kept. */
  recorded?(record: CanaryRecord): CanaryRecord;
}

/** Sends until disposed. @param topic has a partition or queue on each broker, or on the `only` broker */
export function watchLatency(
  { clock, signal, stderr }: Pick<Caller, 'clock' | 'signal' | 'stderr'>,
  { name, config }: { name: string; config: ClusterConfig },
  { topic, everySeconds, only, recorded = (record) => record }: WatchedWrites,
): WatchedLatency {
  const window = createLatencyWindow(clock);
  const over = new AbortController();
  const canary = createCanary({
    cluster: name,
    config: { topic, everySeconds, lostAfterSeconds: lostAfter },
    open: (io) => driverOf(config).traffic(name, config, io),
    record: recorded(window.record),
    ...(only !== undefined && { only }),
    clock,
    log: createLogger('error', stderr),
  });
  const running = canary.run({ signal: AbortSignal.any([signal, over.signal]) });
  return {
    recent: window.recent,
    reason() {
      const { reason, brokers } = canary.state();
      return reason ?? brokers.flatMap((each) => each.reason ?? []).at(0);
    },
    async [Symbol.asyncDispose]() {
      over.abort(new Error('the measurement is over'));
      await running;
    },
  };
}
