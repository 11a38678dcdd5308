// Declares `plimsoll ops kafka delete-topic`.

import { wholeSnapshot } from '../../app/change/administration/whole-snapshot.ts';
import { deleteTopic, resumedDeletion, type DeleteTopicFacts } from '../../ops/kafka/topics/delete-topic.ts';
import { planDeleteTopic } from '../../ops/kafka/topics/plan-delete-topic.ts';
import { storedIn } from '../../ops/kafka/topics/stored-messages.ts';
import { kafkaAdministrationOptions, topicDeletionOptions, topicOption } from '../change/administration-options.ts';
import { changeKafka } from '../kafka/change-kafka.ts';
import { defineCommand, flag } from '../command.ts';

export const opsKafkaDeleteTopicCommand = defineCommand({
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
    return changeKafka<DeleteTopicFacts>(io, (tools, cluster) => ({
      kind: deleteTopic,
      subject: topic,
      deletes: topic,
      plan: async (within, shown) =>
        planDeleteTopic(tools, { ...spec, shown }, await wholeSnapshot(cluster, within), within),
      async recheck(facts, within) {
        if ((await storedIn(tools.admin, topic, within)) === undefined) return [];
        const again = { ...spec, acceptWrites: facts.acceptWrites, shown: facts };
        return (await planDeleteTopic(tools, again, await wholeSnapshot(cluster, within), within)).findings;
      },
      amend: (facts) => resumedDeletion(facts, acceptWrites),
    }));
  },
});
