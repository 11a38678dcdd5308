// Declares `plimsoll ops kafka delete-topic`.

import { wholeSnapshot } from '../../app/change/administration/whole-snapshot.ts';
import type { KafkaRequest } from '../../app/change/administration/administer-kafka.ts';
import { deleteTopic, type DeleteTopicFacts } from '../../ops/kafka/topics/delete-topic.ts';
import { planDeleteTopic } from '../../ops/kafka/topics/plan-delete-topic.ts';
import { storedIn } from '../../ops/kafka/topics/stored-messages.ts';
import { kafkaAdministrationOptions, topicDeletionOptions, topicOption } from '../change/administration-options.ts';
import { changeKafka } from '../kafka/change-kafka.ts';
import { defineCommand } from '../command.ts';
import { flag } from '../option.ts';

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
    const plan: KafkaRequest<DeleteTopicFacts>['plan'] = async (tools, within, cluster, shown) =>
      planDeleteTopic(
        tools,
        { topic, watch, acceptWrites, acceptReaders, shown },
        await wholeSnapshot(cluster, within),
        within,
      );
    return changeKafka(io, {
      kind: deleteTopic,
      subject: topic,
      deletes: topic,
      plan,
      async recheck(tools, facts, within, cluster) {
        const isGone = (await storedIn(tools.admin, topic, within)) === undefined;
        return isGone ? [] : (await plan(tools, within, cluster, facts)).findings;
      },
      amend: (facts) => ({ ...facts, acceptWrites, isResumed: true }),
    });
  },
});
