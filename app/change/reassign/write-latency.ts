// Measures the latency of writes during a change with a canary.

import { createCanary } from '../../../brokers/canary/canary.ts';
import { createLatencyWindow, type LatencyWindow } from '../../../brokers/canary/latency-window.ts';
import type { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../../brokers/kafka/driver.ts';
import { createLogger } from '../../../core/log.ts';
import { seconds } from '../../../core/units.ts';
import type { ReassignCaller } from './reassign-request.ts';

const everySeconds = 0.2;
const lostAfter = seconds(10);

export interface WatchedLatency extends AsyncDisposable {
  latencies?: LatencyWindow['recent'];
}

/** Sends until it is disposed; nothing without `--canary`. */
export function watchLatency(
  { options, clock, signal, stderr }: ReassignCaller,
  { name, config }: { name: string; config: KafkaClusterConfig },
): WatchedLatency {
  const topic = options.canary;
  if (topic === undefined) return { async [Symbol.asyncDispose]() {} };
  const window = createLatencyWindow(clock, lostAfter);
  const over = new AbortController();
  const canary = createCanary({
    cluster: name,
    config: { topic, everySeconds, lostAfterSeconds: lostAfter },
    open: (io) => kafkaDriver.traffic(name, config, io),
    record: window.record,
    clock,
    log: createLogger('error', stderr),
  });
  const running = canary.run({ signal: AbortSignal.any([signal, over.signal]) });
  return {
    latencies: window.recent,
    async [Symbol.asyncDispose]() {
      over.abort(new Error('the change is over'));
      await running;
    },
  };
}
