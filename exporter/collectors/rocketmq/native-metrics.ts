// Forwards metrics that brokers from 5.1 expose only on their own metrics endpoint.

import type { RocketmqDetails } from '../../../brokers/rocketmq/details.ts';
import type { ClusterCollector, Measurement, MetricDefinition } from '../../collector.ts';
import { fromDetails } from './from-details.ts';

/** How a broker metric is forwarded, without its constant and unbounded labels (node, client version). */
interface Passage {
  as: string;
  type: 'counter' | 'gauge';
  help: string;
  /** Our label names, by the broker's. */
  labels: Readonly<Record<string, string>>;
  unit?: string;
  /** Whether the broker reports milliseconds; its metric name may end in them. */
  inMilliseconds?: true;
}

function passed(labels: Passage['labels']) {
  const define =
    (type: Passage['type']) =>
    (name: string, help: string, more: Pick<Passage, 'unit' | 'inMilliseconds'> = {}): Passage => ({
      as: `rocketmq_native_${name}`,
      type,
      help,
      labels,
      ...more,
    });
  return { counter: define('counter'), gauge: define('gauge') };
}

const perTopic = passed({ topic: 'topic' });
const perType = passed({ topic: 'topic', message_type: 'message_type' });
const perGroup = passed({ consumergroup: 'consumer_group', topic: 'topic', is_retry: 'is_retry' });

/**
 * Names and labels of the broker as in apache/rocketmq at 8fc57f1, BrokerMetricsConstant.java, PopMetricsConstant.java and
 * DefaultStoreMetricsConstant.java. Metrics that are also in the runtime info are omitted.
 */
export const passages: Readonly<Record<string, Passage>> = {
  rocketmq_messages_in_total: perType.counter(
    'in_messages_total',
    'Messages that the broker received, by topic and message type.',
    { unit: 'messages' },
  ),
  rocketmq_throughput_in_total: perType.counter(
    'in_bytes_total',
    'Bytes of the messages that the broker received, by topic and message type.',
  ),
  rocketmq_messages_out_total: perGroup.counter(
    'out_messages_total',
    'Messages that the broker delivered to the group.',
    { unit: 'messages' },
  ),
  rocketmq_throughput_out_total: perGroup.counter(
    'out_bytes_total',
    'Bytes of the messages that the broker delivered to the group.',
  ),
  rocketmq_consumer_lag_messages: perGroup.gauge(
    'consumergroup_lag_messages',
    'Messages the group has not finished, as the broker counts them: with POP the delivered ones belong to them.',
  ),
  rocketmq_consumer_lag_latency: perGroup.gauge(
    'consumergroup_lag_seconds',
    'Age of the oldest message the group has not finished.',
    { inMilliseconds: true },
  ),
  rocketmq_consumer_ready_messages: perGroup.gauge(
    'consumergroup_ready_messages',
    'Messages that are ready for the group.',
  ),
  rocketmq_consumer_inflight_messages: perGroup.gauge(
    'consumergroup_inflight_messages',
    'Messages delivered to the group and not yet finished.',
  ),
  rocketmq_consumer_queueing_latency: perGroup.gauge(
    'consumergroup_queueing_seconds',
    'Age of the oldest message that was not delivered to the group.',
    { inMilliseconds: true },
  ),
  rocketmq_half_messages: perTopic.gauge('half_messages', 'Transactional messages neither committed nor rolled back.'),
  rocketmq_commit_messages_total: perTopic.counter('committed_messages_total', 'Transactional messages committed.', {
    unit: 'messages',
  }),
  rocketmq_rollback_messages_total: perTopic.counter(
    'rolled_back_messages_total',
    'Transactional messages rolled back.',
    { unit: 'messages' },
  ),
  rocketmq_timing_messages: perTopic.gauge('timer_messages', 'Messages in the timer wheel that wait for their time.'),
  rocketmq_pop_revive_lag: passed({ queue: 'queue_id' }).gauge(
    'pop_revive_lag_messages',
    'Checkpoints of POP deliveries that the broker has not checked for redelivery.',
  ),
  rocketmq_processor_watermark: passed({ pool: 'processor' }).gauge(
    'request_queue_length',
    'Requests that wait, also in pools the runtime figures leave out: heartbeat, admin, consumer_manager.',
    { unit: 'requests' },
  ),
};

export const rocketmqNativeMetrics = {
  of: 'rocketmq',
  source: "the broker's own metrics endpoint (`nativeMetrics` of the cluster), 5.1 and newer",
  cost: '1 HTTP request per broker it is configured for',
  metrics: Object.fromEntries(
    Object.values(passages).map(({ as, type, help, labels, unit }): [string, MetricDefinition] => [
      as,
      {
        type,
        help,
        labels: ['broker', ...Object.keys(labels)],
        ...(unit !== undefined && { unit }),
        ...(as.endsWith('_messages') && { additive: true }),
      },
    ]),
  ),

  collect: ({ snapshot }) => fromDetails(snapshot, nativeOf),
} satisfies ClusterCollector;

/** Omitted labels are constant on the broker's page, so samples should not collide; collisions are handled nevertheless. */
function* nativeOf({ nativeMetrics }: RocketmqDetails): Iterable<Measurement> {
  const seen = new Set<string>();
  for (const { broker, metric, labels, value } of nativeMetrics) {
    const passage = passages[metric] ?? passages[metric.replace(/_milliseconds$/, '')];
    if (passage === undefined || !(value >= 0)) continue;
    const values = [broker, ...Object.values(passage.labels).map((theirs) => labels[theirs] ?? '')];
    const series = JSON.stringify([passage.as, ...values]);
    if (seen.has(series)) continue;
    seen.add(series);
    yield { metric: passage.as, labels: values, value: passage.inMilliseconds === true ? value / 1000 : value };
  }
}
