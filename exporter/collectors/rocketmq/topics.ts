// Exports topics with their kind, queues and permissions.

import type { RocketmqDetails } from '../../../brokers/rocketmq/details.ts';
import { type ClusterCollector, labelled, type Measurement } from '../../collector.ts';
import { fromDetails } from './from-details.ts';

const { gauge, flag } = labelled('topic', 'broker');

export const rocketmqTopics = {
  of: 'rocketmq',
  source: 'GET_ALL_TOPIC_CONFIG',
  cost: '1 request per master every 30 s',
  metrics: {
    rocketmq_topic_info: labelled('topic', 'kind', 'message_type').info(
      'Kind of the topic (`kind`: normal, retry, …), and its message type on 5.x; the value is always 1.',
    ),
    rocketmq_topic_write_queues: gauge('Write queues of the topic, by broker name.', {
      unit: 'queues',
      additive: true,
    }),
    rocketmq_topic_read_queues: gauge(
      'Read queues of the topic, by broker name. If fewer than the write queues, some messages are never consumed.',
      { unit: 'queues', additive: true },
    ),
    rocketmq_topic_writable: flag(
      '1 if the topic may be written to on the broker, else 0: without permission, or without a master.',
    ),
    rocketmq_topic_readable: flag(
      '1 if the topic may be consumed from the broker, else 0: without permission, or if no member of its group is listed.',
    ),
  },

  collect: ({ snapshot }) => fromDetails(snapshot, topicsOf),
} satisfies ClusterCollector;

function* topicsOf({ topics, brokers }: RocketmqDetails): Iterable<Measurement> {
  const listed = new Set(brokers.map(({ brokerName }) => brokerName));
  const withMaster = new Set(brokers.flatMap(({ role, brokerName }) => (role === 'master' ? brokerName : [])));
  for (const { name, kind, messageType, routes } of topics) {
    yield { metric: 'rocketmq_topic_info', labels: [name, kind, messageType ?? ''], value: 1 };
    for (const { brokerName, readQueues, writeQueues, permission } of routes) {
      const labels = [name, brokerName];
      yield { metric: 'rocketmq_topic_write_queues', labels, value: writeQueues };
      yield { metric: 'rocketmq_topic_read_queues', labels, value: readQueues };
      const [isWritable, isReadable] = [permission.includes('w'), permission.includes('r')];
      yield { metric: 'rocketmq_topic_writable', labels, value: Number(isWritable && withMaster.has(brokerName)) };
      yield { metric: 'rocketmq_topic_readable', labels, value: Number(isReadable && listed.has(brokerName)) };
    }
  }
}
