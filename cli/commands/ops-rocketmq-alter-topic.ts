// Declares `plimsoll ops rocketmq alter-topic`.

import { administerRocketmq } from '../../app/change/administration/administer-rocketmq.ts';
import { defineTopic } from '../../ops/rocketmq/topics/define-topic.ts';
import { planAlterTopic } from '../../ops/rocketmq/topics/plan-define-topic.ts';
import { printChange } from '../change/print-change.ts';
import { defineCommand } from '../command.ts';
import { alteredSpec, defineTopicOptions } from '../rocketmq/topic-options.ts';

export const opsRocketmqAlterTopicCommand = defineCommand({
  name: 'ops rocketmq alter-topic',
  options: defineTopicOptions,
  examples: [
    'plimsoll ops rocketmq alter-topic --cluster orders --topic payments --permission read-only',
    'plimsoll ops rocketmq alter-topic --cluster orders --topic payments --ordered on --execute',
  ],

  async run(io) {
    const spec = alteredSpec(io.options);
    const state = await administerRocketmq(io, {
      kind: defineTopic,
      subject: spec.topic,
      plan: (tools, within) => planAlterTopic(tools, spec, within),
    });
    return printChange(io, state);
  },
});
