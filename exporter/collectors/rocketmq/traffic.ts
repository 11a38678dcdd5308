// Exports the brokers' own last-minute rates per topic and group.

import type { RocketmqDetails } from '../../../brokers/rocketmq/details.ts';
import { type ClusterCollector, known, labelled, type Measurement } from '../../collector.ts';
import { brokerNameOf, fromDetails } from './from-details.ts';

const perTopic = labelled('topic', 'broker');
const perGroup = labelled('consumergroup', 'topic', 'broker');
const mean = 'Mean of the last minute as the broker reports it; a gauge, not for rate(). 0 after two idle minutes.';

export const rocketmqTraffic = {
  of: 'rocketmq',
  source: 'VIEW_BROKER_STATS_DATA',
  cost: '2 requests per topic and 3 per group and topic a minute, for those that move; 3 every 5 minutes for a group with lag that commits nothing',
  metrics: {
    rocketmq_topic_put_messages_per_second: perTopic.gauge(`Messages stored in the topic. ${mean}`, { additive: true }),
    rocketmq_topic_put_bytes_per_second: perTopic.gauge(`Bytes stored in the topic. ${mean}`, { additive: true }),
    rocketmq_consumergroup_get_messages_per_second: perGroup.gauge(`Messages delivered to the group. ${mean}`, {
      additive: true,
    }),
    rocketmq_consumergroup_get_bytes_per_second: perGroup.gauge(`Bytes delivered to the group. ${mean}`, {
      additive: true,
    }),
    rocketmq_consumergroup_send_back_messages_per_second: perGroup.gauge(
      `Messages the group sent back for a retry. ${mean}`,
      { additive: true },
    ),
  },

  collect: ({ snapshot }) => fromDetails(snapshot, trafficOf),
} satisfies ClusterCollector;

function* trafficOf({ topicTraffic, groupTraffic }: RocketmqDetails): Iterable<Measurement> {
  for (const { topic, broker, messagesPerSecond, bytesPerSecond } of topicTraffic) {
    const labels = [topic, brokerNameOf(broker)];
    yield* known('rocketmq_topic_put_messages_per_second', labels, messagesPerSecond);
    yield* known('rocketmq_topic_put_bytes_per_second', labels, bytesPerSecond);
  }
  for (const { group, topic, broker, messagesPerSecond, bytesPerSecond, sendBackPerSecond } of groupTraffic) {
    const labels = [group, topic, brokerNameOf(broker)];
    yield* known('rocketmq_consumergroup_get_messages_per_second', labels, messagesPerSecond);
    yield* known('rocketmq_consumergroup_get_bytes_per_second', labels, bytesPerSecond);
    yield* known('rocketmq_consumergroup_send_back_messages_per_second', labels, sendBackPerSecond);
  }
}
