// How does a new RocketMQ broker get its share of the traffic?

import { settleSeconds } from '../../ops/rocketmq/let-settle.ts';
import { planScaleOut } from '../../ops/rocketmq/scale-out/plan-scale-out.ts';
import { scaleOut } from '../../ops/rocketmq/scale-out/scale-out.ts';
import type { Command } from '../command.ts';
import { changeOptions, durationOption, textOption } from '../rocketmq/change-options.ts';
import { runChange } from '../rocketmq/run-change.ts';

/** Producers of Java look at routes every 30 s: twice that. */
const watchSeconds = 60;

export const opsRocketmqScaleOutCommand = {
  name: 'ops rocketmq scale-out',
  options: {
    ...changeOptions,
    broker: { type: 'string', value: 'NAME', help: 'the name of the new broker, such as broker-c, started or not' },
    like: { type: 'string', value: 'NAME', help: 'the broker whose settings count (default: the first other by name)' },
    'accept-drift': { type: 'boolean', help: 'settings may differ from those of the other broker' },
    settle: {
      type: 'string',
      value: 'DURATION',
      help: `how long consumers have to find new queues before they are written to (default ${settleSeconds}s)`,
    },
    watch: {
      type: 'string',
      value: 'DURATION',
      help: `how long traffic is watched as proof (default ${watchSeconds}s)`,
    },
  },
  examples: [
    'plimsoll ops rocketmq scale-out --cluster orders --broker broker-c',
    'plimsoll ops rocketmq scale-out --cluster orders --broker broker-c --execute --confirm DefaultCluster --wait 1h',
  ],

  async run(io) {
    const { options } = io;
    const brokerName = textOption(options, 'broker', 'how is the new broker named?');
    const like = options['like'];
    const wish = {
      brokerName,
      ...(typeof like === 'string' && { like }),
      acceptDrift: options['accept-drift'] === true,
      settleSeconds: durationOption(options, 'settle', settleSeconds),
      watchSeconds: durationOption(options, 'watch', watchSeconds),
    };
    return runChange(io, {
      kind: scaleOut,
      subject: brokerName,
      plan: (desk, within) => planScaleOut(desk, wish, within),
    });
  },
} satisfies Command;
