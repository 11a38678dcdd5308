// Declares `plimsoll ops kafka delete-topic`.

import { administerKafka } from '../../app/change/administration/administer-kafka.ts';
import { wholeSnapshot } from '../../app/change/administration/whole-snapshot.ts';
import { deleteTopic } from '../../ops/kafka/topics/delete-topic.ts';
import { planDeleteTopic } from '../../ops/kafka/topics/plan-delete-topic.ts';
import { kafkaAdministrationOptions, topicDeletionOptions, topicOption } from '../change/administration-options.ts';
import { printChange } from '../change/print-change.ts';
import { defineCommand } from '../command.ts';
import { flag } from '../option.ts';

export const opsKafkaDeleteTopicCommand = defineCommand({
  name: 'ops kafka delete-topic',
  options: {
    ...kafkaAdministrationOptions,
    topic: topicOption,
    ...topicDeletionOptions,
    'accept-readers': flag(
      'delete the topic although consumer groups read it, or Connect or Kafka Streams may keep state in it',
    ),
  },
  examples: [
    'plimsoll ops kafka delete-topic --cluster orders --topic order-paid-old',
    'plimsoll ops kafka delete-topic --cluster orders --topic order-paid-old --execute --confirm MkU3OEVBNTcwNTJENDM2Qg --confirm-name order-paid-old',
  ],

  async run(io) {
    const { topic, watch, 'accept-writes': acceptWrites, 'accept-readers': acceptReaders } = io.options;
    const spec = { topic, watch, acceptWrites, acceptReaders };
    const state = await administerKafka(io, {
      kind: deleteTopic,
      subject: topic,
      deletes: topic,
      plan: async (tools, within, cluster, shown) =>
        planDeleteTopic(tools, { ...spec, shown }, await wholeSnapshot(cluster, within), within),
      amend: (facts) => ({ ...facts, isResumed: true }),
    });
    return printChange(io, state);
  },
});
