// How does a slave of RocketMQ become the master where no election does it?

import { planSwitch, switchOver } from '../../ops/rocketmq/switch/switch.ts';
import type { Command } from '../command.ts';
import { changeOptions, drainOptions, quietOption, textOption } from '../rocketmq/change-options.ts';
import { runChange } from '../rocketmq/run-change.ts';

export const opsRocketmqSwitchCommand = {
  name: 'ops rocketmq switch',
  options: {
    ...changeOptions,
    quiet: drainOptions.quiet,
    broker: { type: 'string', value: 'NAME', help: 'the broker name, such as broker-a' },
  },
  examples: [
    'plimsoll ops rocketmq switch --cluster orders --broker broker-a',
    'plimsoll ops rocketmq switch --cluster orders --broker broker-a --execute --confirm DefaultCluster --wait 1h',
  ],

  async run(io) {
    const brokerName = textOption(io.options, 'broker', 'whose master and slave?');
    const quietSeconds = quietOption(io.options);
    return runChange(io, {
      kind: switchOver,
      subject: brokerName,
      plan: (desk, within) => planSwitch(desk, { brokerName, quietSeconds }, within),
    });
  },
} satisfies Command;
