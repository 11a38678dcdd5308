// How does a RocketMQ topic get more or fewer queues without losing a message?

import { AppError } from '../../core/errors.ts';
import { settleSeconds } from '../../ops/rocketmq/let-settle.ts';
import { planQueues } from '../../ops/rocketmq/queues/plan-queues.ts';
import { queues } from '../../ops/rocketmq/queues/queues.ts';
import type { Command } from '../command.ts';
import { numberOption } from '../number-option.ts';
import {
  changeOptions,
  drainOptions,
  durationOption,
  manyOption,
  quietOption,
  textOption,
} from '../rocketmq/change-options.ts';
import { runChange } from '../rocketmq/run-change.ts';

/** As BenchmarkTest, the widest topic that a broker makes by itself: more is a slip of the finger. */
const mostQueues = 1024;

export const opsRocketmqQueuesCommand = {
  name: 'ops rocketmq queues',
  options: {
    ...changeOptions,
    ...drainOptions,
    topic: { type: 'string', value: 'NAME', help: 'the topic' },
    to: { type: 'string', value: 'N', help: 'queues on each broker afterwards, to read and to write' },
    broker: {
      type: 'string',
      value: 'NAME',
      multiple: true,
      help: 'only on this broker (default: on all that have the topic)',
    },
    settle: {
      type: 'string',
      value: 'DURATION',
      help: `how long consumers have to find new queues before they are written to (default ${settleSeconds}s)`,
    },
    'accept-key-moves': { type: 'boolean', help: 'of a topic with an order: its keys may move to other queues' },
  },
  examples: [
    'plimsoll ops rocketmq queues --cluster orders --topic payments --to 16',
    'plimsoll ops rocketmq queues --cluster orders --topic payments --to 4 --execute --confirm DefaultCluster --wait 3d',
  ],

  async run(io) {
    const { options } = io;
    const topic = textOption(options, 'topic', 'which topic?');
    const to = numberOption(options, 'to');
    const isPlanned = options['resume'] !== true && options['abort'] !== true;
    if (isPlanned && (to === undefined || !Number.isInteger(to) || to < 0 || to > mostQueues)) {
      throw new AppError('usage', `--to takes a whole number of queues up to ${mostQueues}`);
    }
    const wish = {
      topic,
      to: to ?? 0,
      brokers: manyOption(options, 'broker'),
      quietSeconds: quietOption(options),
      settleSeconds: durationOption(options, 'settle', settleSeconds),
      ignoredGroups: manyOption(options, 'ignore-group'),
      giveUpReplay: options['give-up-replay'] === true,
      acceptKeyMoves: options['accept-key-moves'] === true,
    };
    return runChange(io, {
      kind: queues,
      subject: topic,
      plan: (desk, within) => planQueues(desk, wish, io.clock.now(), within),
      amend: wish,
    });
  },
} satisfies Command;
