// Passes on metrics that brokers from 5.1 expose only on their own metrics endpoint.

import type { RocketmqDetails } from '../../../brokers/rocketmq/details.ts';
import type { ClusterCollector, Measurement, MetricDefinition } from '../../collector.ts';
import { fromDetails } from './from-details.ts';

/** How a metric of the broker is passed on: its constant and unbounded labels (node, client version) stay behind. */
interface Passage {
  as: string;
  type: 'counter' | 'gauge';
  help: string;
  /** Ours by the broker's. */
  labels: Readonly<Record<string, string>>;
  unit?: string;
  /** The broker reports milliseconds; its metric name may end in them. */
  inMilliseconds?: true;
}

const byTopic = { topic: 'topic' };
const byType = { topic: 'topic', message_type: 'message_type' };
const byGroup = { consumergroup: 'consumer_group', topic: 'topic', is_retry: 'is_retry' };

/**
 * Names and labels of the broker as in apache/rocketmq at 8fc57f1, BrokerMetricsConstant.java, PopMetricsConstant.java and
 * DefaultStoreMetricsConstant.java. Metrics that are also in its runtime figures are left out.
 */
export const passages: Readonly<Record<string, Passage>> = {
  rocketmq_messages_in_total: {
    as: 'rocketmq_native_in_messages_total',
    type: 'counter',
    help: 'Messages that the broker received, by topic and message type.',
    labels: byType,
    unit: 'messages',
  },
  rocketmq_throughput_in_total: {
    as: 'rocketmq_native_in_bytes_total',
    type: 'counter',
    help: 'Bytes of the messages that the broker received, by topic and message type.',
    labels: byType,
  },
  rocketmq_messages_out_total: {
    as: 'rocketmq_native_out_messages_total',
    type: 'counter',
    help: 'Messages that the broker delivered to the group.',
    labels: byGroup,
    unit: 'messages',
  },
  rocketmq_throughput_out_total: {
    as: 'rocketmq_native_out_bytes_total',
    type: 'counter',
    help: 'Bytes of the messages that the broker delivered to the group.',
    labels: byGroup,
  },
  rocketmq_consumer_lag_messages: {
    as: 'rocketmq_native_consumergroup_lag_messages',
    type: 'gauge',
    help: 'Messages the group has not finished, as the broker counts them: with POP the delivered ones belong to them.',
    labels: byGroup,
  },
  rocketmq_consumer_lag_latency: {
    as: 'rocketmq_native_consumergroup_lag_seconds',
    type: 'gauge',
    help: 'Age of the oldest message the group has not finished.',
    labels: byGroup,
    inMilliseconds: true,
  },
  rocketmq_consumer_ready_messages: {
    as: 'rocketmq_native_consumergroup_ready_messages',
    type: 'gauge',
    help: 'Messages that are ready for the group.',
    labels: byGroup,
  },
  rocketmq_consumer_inflight_messages: {
    as: 'rocketmq_native_consumergroup_inflight_messages',
    type: 'gauge',
    help: 'Messages delivered to the group and not yet finished.',
    labels: byGroup,
  },
  rocketmq_consumer_queueing_latency: {
    as: 'rocketmq_native_consumergroup_queueing_seconds',
    type: 'gauge',
    help: 'Age of the oldest message that was not delivered to the group.',
    labels: byGroup,
    inMilliseconds: true,
  },
  rocketmq_half_messages: {
    as: 'rocketmq_native_half_messages',
    type: 'gauge',
    help: 'Transactional messages neither committed nor rolled back.',
    labels: byTopic,
  },
  rocketmq_commit_messages_total: {
    as: 'rocketmq_native_committed_messages_total',
    type: 'counter',
    help: 'Transactional messages committed.',
    labels: byTopic,
    unit: 'messages',
  },
  rocketmq_rollback_messages_total: {
    as: 'rocketmq_native_rolled_back_messages_total',
    type: 'counter',
    help: 'Transactional messages rolled back.',
    labels: byTopic,
    unit: 'messages',
  },
  rocketmq_timing_messages: {
    as: 'rocketmq_native_timer_messages',
    type: 'gauge',
    help: 'Messages in the timer wheel that wait for their time.',
    labels: byTopic,
  },
  rocketmq_pop_revive_lag: {
    as: 'rocketmq_native_pop_revive_lag_messages',
    type: 'gauge',
    help: 'Checkpoints of POP deliveries that the broker has not checked for redelivery.',
    labels: { queue: 'queue_id' },
  },
  rocketmq_processor_watermark: {
    as: 'rocketmq_native_request_queue_length',
    type: 'gauge',
    help: 'Requests that wait, also in pools the runtime figures leave out: heartbeat, admin, consumer_manager.',
    labels: { pool: 'processor' },
    unit: 'requests',
  },
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

/** Labels of the broker that stay behind are constant on its page, so that no two samples become one series; a page is not relied on for that. */
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
