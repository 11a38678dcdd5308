// Declares `plimsoll ops rocketmq create-topic`.

import { defineTopic } from '../../ops/rocketmq/topics/define-topic.ts';
import { planCreateTopic } from '../../ops/rocketmq/topics/plan-define-topic.ts';
import { changeRocketmq } from '../rocketmq/change-rocketmq.ts';
import { defineCommand, option, wholeNumber } from '../command.ts';
import { defineTopicOptions, topicSpec } from '../rocketmq/topic-options.ts';

const Queues = wholeNumber(1, 1024);

export const opsRocketmqCreateTopicCommand = defineCommand({
  options: {
    ...defineTopicOptions,
    queues: option('N', 'queues on each broker, to read and to write (default 8)', Queues.default(8)),
    'write-queues': option('N', 'queues to write on each broker, where they differ', Queues.optional()),
  },
  examples: [
    'plimsoll ops rocketmq create-topic --cluster orders --topic payments --queues 8',
    'plimsoll ops rocketmq create-topic --cluster orders --topic payments --set message.type=FIFO --ordered on --execute',
  ],

  async run(io) {
    const { topic, queues, 'write-queues': write = queues } = io.options;
    const spec = { ...topicSpec(io.options), queues: { read: queues, write } };
    return changeRocketmq(io, (tools) => ({
      kind: defineTopic,
      subject: topic,
      plan: (within) => planCreateTopic(tools, spec, within),
    }));
  },
});
