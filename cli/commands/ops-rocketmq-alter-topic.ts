// Declares `plimsoll ops rocketmq alter-topic`.

import { defineTopic } from '../../ops/rocketmq/topics/define-topic.ts';
import { planAlterTopic } from '../../ops/rocketmq/topics/plan-define-topic.ts';
import { changeRocketmq } from '../rocketmq/change-rocketmq.ts';
import { defineCommand } from '../command.ts';
import { alteredSpec, defineTopicOptions } from '../rocketmq/topic-options.ts';

export const opsRocketmqAlterTopicCommand = defineCommand({
  options: defineTopicOptions,
  examples: [
    'plimsoll ops rocketmq alter-topic --cluster orders --topic payments --permission read-only',
    'plimsoll ops rocketmq alter-topic --cluster orders --topic payments --ordered on --execute',
  ],

  async run(io) {
    const spec = alteredSpec(io.options);
    return changeRocketmq(io, (tools) => ({
      kind: defineTopic,
      subject: spec.topic,
      plan: (within) => planAlterTopic(tools, spec, within),
    }));
  },
});
