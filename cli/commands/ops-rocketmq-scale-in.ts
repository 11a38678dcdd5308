// Removes a RocketMQ broker from its cluster without losing messages.

import { planScaleIn } from '../../ops/rocketmq/scale-in/plan-scale-in.ts';
import { scaleIn } from '../../ops/rocketmq/scale-in/scale-in.ts';
import { defineCommand } from '../command.ts';
import { brokerOption, changeOptions, drainOptions, runChange } from '../rocketmq/run-change.ts';

export const opsRocketmqScaleInCommand = defineCommand({
  options: {
    ...changeOptions,
    ...drainOptions,
    broker: brokerOption('the broker name, such as broker-b; its slaves go with it'),
  },
  examples: [
    'plimsoll ops rocketmq scale-in --cluster orders --broker broker-b',
    'plimsoll ops rocketmq scale-in --cluster orders --broker broker-b --execute --confirm DefaultCluster --wait 3d',
    'plimsoll ops rocketmq scale-in --cluster orders --broker broker-b --resume --wait 0s',
    'plimsoll ops rocketmq scale-in --cluster orders --broker broker-b --abort --confirm DefaultCluster',
  ],

  async run(io) {
    const { options } = io;
    const brokerName = options.broker;
    const spec = {
      brokerName,
      quietSeconds: options.quiet,
      ignoredGroups: options['ignore-group'],
      giveUpReplay: options['give-up-replay'],
    };
    return runChange(io, {
      kind: scaleIn,
      subject: brokerName,
      plan: (desk, within) => planScaleIn(desk, spec, io.clock.now(), within),
      amend: spec,
    });
  },
});
