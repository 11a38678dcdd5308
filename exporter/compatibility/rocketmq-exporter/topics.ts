// Exports topics under rocketmq-exporter's names.

import type { RocketmqDetails } from '../../../brokers/rocketmq/details.ts';
import type { ClusterSnapshot } from '../../../brokers/snapshot.ts';
import { brokerNameOf } from '../../collectors/rocketmq/from-details.ts';
import { groupOfDeadLetters, isRetryTopic } from '../../collectors/rocketmq/group-names.ts';
import { wholeTopics } from '../../collectors/rocketmq/stored-messages.ts';
import { known, labelled, type Measurement } from '../../collector.ts';
import { hasUpstreamRates, idleRate } from './rated-topics.ts';

const perTopic = labelled('broker', 'topic');
const whole = 'absent while a queue cannot be read; upstream leaves it out of the sum';

export const topicMetrics = {
  rocketmq_producer_offset: perTopic.gauge('End offsets of the queues of the topic on the broker, added up.', {
    unit: 'messages',
    ours: 'rocketmq_topic_messages_total',
    differs: whole,
  }),
  rocketmq_topic_retry_offset: perTopic.gauge('End offsets of the queues of the retry topic on the broker, added up.', {
    unit: 'messages',
    ours: 'rocketmq_topic_messages_total{kind="retry"}',
    differs: whole,
  }),
  rocketmq_topic_dlq_offset: labelled('broker', 'group').gauge(
    'End offsets of the queues of the dead-letter topic of the group on the broker, added up.',
    { unit: 'messages', ours: 'rocketmq_consumergroup_dead_letters_total', differs: whole },
  ),
  rocketmq_producer_tps: perTopic.gauge('Messages stored in the topic per second, mean of the last minute.', {
    unit: 'messages per second',
    ours: 'clamp_min(deriv(rocketmq_topic_messages_total[5m]), 0)',
    differs: idleRate,
  }),
  rocketmq_producer_message_size: perTopic.gauge('Bytes stored in the topic per second, mean of the last minute.', {
    unit: 'bytes per second',
    ours: 'rocketmq_topic_put_bytes_per_second',
    differs: idleRate,
  }),
};

export function* topicsOf(snapshot: ClusterSnapshot, { topicTraffic }: RocketmqDetails): Iterable<Measurement> {
  for (const { topic, broker, end } of wholeTopics(snapshot)) {
    const group = groupOfDeadLetters(topic);
    if (group !== undefined) yield { metric: 'rocketmq_topic_dlq_offset', labels: [broker, group], value: end };
    else {
      const metric = isRetryTopic(topic) ? 'rocketmq_topic_retry_offset' : 'rocketmq_producer_offset';
      yield { metric, labels: [broker, topic], value: end };
    }
  }
  for (const { broker, topic, messagesPerSecond, bytesPerSecond } of topicTraffic) {
    if (!hasUpstreamRates(topic)) continue;
    yield* known('rocketmq_producer_tps', [brokerNameOf(broker), topic], messagesPerSecond);
    yield* known('rocketmq_producer_message_size', [brokerNameOf(broker), topic], bytesPerSecond);
  }
}
