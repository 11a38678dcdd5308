// Declares `plimsoll ops kafka create-topic`.

import { defined } from '../../core/defined.ts';
import { createTopic, planCreateTopic } from '../../ops/kafka/topics/create-topic.ts';
import { assigned, assignments, kafkaAdministrationOptions, topicOption } from '../change/administration-options.ts';
import { changeKafka } from '../kafka/change-kafka.ts';
import { defineCommand, option, wholeNumber } from '../command.ts';

export const opsKafkaCreateTopicCommand = defineCommand({
  options: {
    ...kafkaAdministrationOptions,
    topic: topicOption,
    partitions: option(
      'N',
      "number of partitions (default: the brokers' num.partitions)",
      wholeNumber(1, 100_000).optional(),
    ),
    'replication-factor': {
      ...option(
        'N',
        "replication factor (default: the brokers' default.replication.factor)",
        wholeNumber(1, 100).optional(),
      ),
      formerly: 'copies',
    },
    set: assignments('a setting of the topic, such as retention.ms=86400000'),
  },
  examples: [
    'plimsoll ops kafka create-topic --cluster orders --topic order-paid --partitions 12 --replication-factor 3',
    'plimsoll ops kafka create-topic --cluster orders --topic order-paid --partitions 12 --replication-factor 3 --set min.insync.replicas=2 --execute',
  ],

  async run(io) {
    const { topic, partitions, 'replication-factor': replicationFactor, set } = io.options;
    const wanted = { name: topic, config: assigned(set), ...defined({ partitions, replicationFactor }) };
    return changeKafka(io, (tools) => ({
      kind: createTopic,
      subject: topic,
      plan: (within) => planCreateTopic(tools, wanted, within),
    }));
  },
});
