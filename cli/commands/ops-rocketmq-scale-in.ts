// How is a RocketMQ broker taken out of its cluster without losing a message?

import { planScaleIn } from '../../ops/rocketmq/scale-in/plan-scale-in.ts';
import { scaleIn } from '../../ops/rocketmq/scale-in/scale-in.ts';
import type { Command } from '../command.ts';
import { changeOptions, drainOptions, manyOption, quietOption, textOption } from '../rocketmq/change-options.ts';
import { runChange } from '../rocketmq/run-change.ts';

export const opsRocketmqScaleInCommand = {
  name: 'ops rocketmq scale-in',
  options: {
    ...changeOptions,
    ...drainOptions,
    broker: { type: 'string', value: 'NAME', help: 'the broker name, such as broker-b; its slaves go with it' },
  },
  examples: [
    'plimsoll ops rocketmq scale-in --cluster orders --broker broker-b',
    'plimsoll ops rocketmq scale-in --cluster orders --broker broker-b --execute --confirm DefaultCluster --wait 3d',
    'plimsoll ops rocketmq scale-in --cluster orders --broker broker-b --resume --wait 0s',
    'plimsoll ops rocketmq scale-in --cluster orders --broker broker-b --abort --confirm DefaultCluster',
  ],

  async run(io) {
    const { options } = io;
    const brokerName = textOption(options, 'broker', 'which broker leaves?');
    const wish = {
      brokerName,
      quietSeconds: quietOption(options),
      ignoredGroups: manyOption(options, 'ignore-group'),
      giveUpReplay: options['give-up-replay'] === true,
    };
    return runChange(io, {
      kind: scaleIn,
      subject: brokerName,
      plan: (desk, within) => planScaleIn(desk, wish, io.clock.now(), within),
      amend: wish,
    });
  },
} satisfies Command;
