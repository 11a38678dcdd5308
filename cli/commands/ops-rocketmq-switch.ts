// Swaps the master and slave of a RocketMQ broker that has no automatic election.

import { planSwitch, switchOver } from '../../ops/rocketmq/switch/switch.ts';
import { defineCommand } from '../command.ts';
import { brokerOption, changeOptions, drainOptions, runChange } from '../rocketmq/run-change.ts';

export const opsRocketmqSwitchCommand = defineCommand({
  options: {
    ...changeOptions,
    quiet: drainOptions.quiet,
    broker: brokerOption('the broker name, such as broker-a'),
  },
  examples: [
    'plimsoll ops rocketmq switch --cluster orders --broker broker-a',
    'plimsoll ops rocketmq switch --cluster orders --broker broker-a --execute --confirm DefaultCluster --wait 1h',
  ],

  async run(io) {
    const { broker: brokerName, quiet: quietSeconds } = io.options;
    return runChange(io, {
      kind: switchOver,
      subject: brokerName,
      plan: (desk, within) => planSwitch(desk, { brokerName, quietSeconds }, within),
    });
  },
});
