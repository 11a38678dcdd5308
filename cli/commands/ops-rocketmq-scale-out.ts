// Adds a RocketMQ broker and moves its share of the traffic to it.

import { planScaleOut } from '../../ops/rocketmq/scale-out/plan-scale-out.ts';
import { scaleOut } from '../../ops/rocketmq/scale-out/scale-out.ts';
import { defineCommand, duration, flag, text } from '../command.ts';
import { brokerOption, changeOptions, runChange, settleOption } from '../rocketmq/run-change.ts';

/** Java producers refresh routes every 30 s; this is twice that. */
const watchSeconds = 60;

export const opsRocketmqScaleOutCommand = defineCommand({
  options: {
    ...changeOptions,
    broker: brokerOption('the name of the new broker, such as broker-c, started or not'),
    like: text('NAME', 'broker to compare settings with (default: the first other of its cluster by name)'),
    'accept-drift': flag('accept settings that differ from those of the other broker'),
    settle: settleOption,
    watch: duration(`how long to watch for traffic on the new broker (default ${watchSeconds}s)`, watchSeconds),
  },
  examples: [
    'plimsoll ops rocketmq scale-out --cluster orders --broker broker-c',
    'plimsoll ops rocketmq scale-out --cluster orders --broker broker-c --execute --confirm DefaultCluster --wait 1h',
  ],

  async run(io) {
    const { options } = io;
    const { broker: brokerName, like } = options;
    const spec = {
      brokerName,
      ...(like !== undefined && { like }),
      acceptDrift: options['accept-drift'],
      settleSeconds: options.settle,
      watchSeconds: options.watch,
    };
    return runChange(io, {
      kind: scaleOut,
      subject: brokerName,
      plan: (desk, within) => planScaleOut(desk, spec, within),
    });
  },
});
