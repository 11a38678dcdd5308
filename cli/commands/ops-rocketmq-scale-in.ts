// How is a RocketMQ broker taken out of its cluster without losing a message?

import { AppError } from '../../core/errors.ts';
import { planScaleIn } from '../../ops/rocketmq/scale-in/plan-scale-in.ts';
import { scaleIn } from '../../ops/rocketmq/scale-in/scale-in.ts';
import type { Command } from '../command.ts';
import { changeOptions, durationOption, manyOption, textOption } from '../rocketmq/change-options.ts';
import { runChange } from '../rocketmq/run-change.ts';

/** Two looks at the routes of a client of Java (pollNameServerInterval, 30 s). */
const quietSeconds = 60;

export const opsRocketmqScaleInCommand = {
  name: 'ops rocketmq scale-in',
  summary: 'Take a RocketMQ broker out: closed by its own permission, proved quiet, read, expired, stopped, forgotten.',
  options: {
    ...changeOptions,
    broker: { type: 'string', value: 'NAME', help: 'the broker name, such as broker-b; its slaves go with it' },
    quiet: {
      type: 'string',
      value: 'DURATION',
      help: `how long nothing of a client may come in as proof (default ${quietSeconds}s)`,
    },
    'ignore-group': {
      type: 'string',
      value: 'GROUP',
      multiple: true,
      help: 'a group whose unread messages are not needed',
    },
    'give-up-replay': {
      type: 'boolean',
      help: 'do not wait until the retention is over: messages there are not read again',
    },
  },
  examples: [
    'plimsoll ops rocketmq scale-in --cluster orders --broker broker-b',
    'plimsoll ops rocketmq scale-in --cluster orders --broker broker-b --execute --confirm orders --wait 3d',
    'plimsoll ops rocketmq scale-in --cluster orders --broker broker-b --resume --wait 0s',
    'plimsoll ops rocketmq scale-in --cluster orders --broker broker-b --abort --confirm orders',
  ],

  async run(io) {
    const { options } = io;
    const brokerName = textOption(options, 'broker', 'which broker leaves?');
    const wish = {
      brokerName,
      quietSeconds: durationOption(options, 'quiet', quietSeconds),
      ignoredGroups: manyOption(options, 'ignore-group'),
      giveUpReplay: options['give-up-replay'] === true,
    };
    if (!(wish.quietSeconds > 0)) throw new AppError('usage', '--quiet: no time is no proof');
    return runChange(io, {
      kind: scaleIn,
      subject: brokerName,
      plan: (desk, within) => planScaleIn(desk, wish, io.clock.now(), within),
    });
  },
} satisfies Command;
