// Exports the latency of storing a message, per broker.

import type { RuntimeFigures } from '../../../brokers/rocketmq/runtime-info.ts';
import { known, labelled, type Measurement } from '../../collector.ts';
import { ofRuntime, perBroker } from './from-details.ts';

const lastMinute = 'Of the last whole minute as the broker keeps it.';
const ofPuts = `${lastMinute} Absent when it had no puts (the broker reports 0).`;

export const rocketmqPutLatency = ofRuntime(
  {
    rocketmq_broker_put_latency_p99_seconds: perBroker.gauge(
      `p99 of the time to store a message (4.9.4 and newer). ${ofPuts}`,
    ),
    rocketmq_broker_put_latency_p999_seconds: perBroker.gauge(
      `p99.9 of the time to store a message (4.9.4 and newer). ${ofPuts}`,
    ),
    rocketmq_broker_put_latency_max_seconds: perBroker.gauge(
      'Longest time to store a message since the broker started.',
    ),
    rocketmq_broker_last_minute_puts: labelled('broker', 'upto_seconds').gauge(
      `Messages stored within \`upto_seconds\` and not within the bound before: no histogram, neither cumulative nor counting on. ${lastMinute}`,
      'messages',
    ),
  },
  latencyOf,
);

function* latencyOf(id: string, figures: RuntimeFigures): Iterable<Measurement> {
  if (figures.putLatencyBuckets.some(({ messages }) => messages > 0)) {
    yield* known('rocketmq_broker_put_latency_p99_seconds', [id], figures.putP99Seconds);
    yield* known('rocketmq_broker_put_latency_p999_seconds', [id], figures.putP999Seconds);
  }
  yield* known('rocketmq_broker_put_latency_max_seconds', [id], figures.putMaxSeconds);
  const bounds = new Set<string>();
  for (const { uptoSeconds, messages } of figures.putLatencyBuckets) {
    const bound = uptoSeconds === Infinity ? '+Inf' : String(uptoSeconds);
    if (bounds.has(bound)) continue;
    bounds.add(bound);
    yield { metric: 'rocketmq_broker_last_minute_puts', labels: [id, bound], value: messages };
  }
}
