// Declares `plimsoll ops rocketmq delete-topic`.

import { deleteTopic, type DeleteTopicFacts } from '../../ops/rocketmq/topics/delete-topic.ts';
import { planDeleteTopic } from '../../ops/rocketmq/topics/plan-delete-topic.ts';
import { rocketmqAdministrationOptions, topicDeletionOptions, topicOption } from '../change/administration-options.ts';
import { changeRocketmq } from '../rocketmq/change-rocketmq.ts';
import { defineCommand } from '../command.ts';

export const opsRocketmqDeleteTopicCommand = defineCommand({
  options: { ...rocketmqAdministrationOptions, topic: topicOption, ...topicDeletionOptions },
  examples: [
    'plimsoll ops rocketmq delete-topic --cluster orders --topic payments-old',
    'plimsoll ops rocketmq delete-topic --cluster orders --topic payments-old --execute --confirm DefaultCluster --confirm-name payments-old',
  ],

  async run(io) {
    const { topic, watch, 'accept-writes': acceptWrites, 'accept-readers': acceptReaders } = io.options;
    const spec = { topic, watch, acceptWrites, acceptReaders };
    return changeRocketmq<DeleteTopicFacts>(io, (tools) => ({
      kind: deleteTopic,
      subject: topic,
      deletes: topic,
      plan: (within, shown) => planDeleteTopic(tools, { ...spec, shown }, within),
      amend: (facts) => ({ ...facts, isResumed: true }),
    }));
  },
});
