// Changes the number of queues of a RocketMQ topic without losing messages.

import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import { planQueues } from '../../ops/rocketmq/queues/plan-queues.ts';
import { queues } from '../../ops/rocketmq/queues/queues.ts';
import { defineCommand, flag, list, option, wholeNumber } from '../command.ts';
import { BrokerName, changeOptions, drainOptions, runChange, settleOption } from '../rocketmq/run-change.ts';

/** Queues of BenchmarkTest, the widest topic that a broker creates by default; more is probably a typing error. */
const mostQueues = 1024;

export const opsRocketmqQueuesCommand = defineCommand({
  options: {
    ...changeOptions,
    ...drainOptions,
    topic: option('NAME', 'the topic', z.string()),
    to: option('N', 'new number of queues on each broker, to read and to write', wholeNumber(0, mostQueues).optional()),
    broker: list('NAME', 'only on this broker (default: on all that have the topic)', BrokerName),
    settle: settleOption,
    'accept-key-moves': flag('accept that keys of an ordered topic move to other queues'),
  },
  examples: [
    'plimsoll ops rocketmq queues --cluster orders --topic payments --to 16',
    'plimsoll ops rocketmq queues --cluster orders --topic payments --to 4 --execute --confirm DefaultCluster --wait 3d',
  ],

  async run(io) {
    const { options } = io;
    const { topic, to } = options;
    const isPlanned = !options.resume && !options.abort;
    if (isPlanned && to === undefined) {
      throw new AppError('usage', `--to takes a whole number of queues up to ${mostQueues}`);
    }
    const spec = {
      topic,
      to: to ?? 0,
      brokers: options.broker,
      quietSeconds: options.quiet,
      settleSeconds: options.settle,
      ignoredGroups: options['ignore-group'],
      giveUpReplay: options['give-up-replay'],
      acceptKeyMoves: options['accept-key-moves'],
    };
    return runChange(io, {
      kind: queues,
      subject: topic,
      plan: (desk, within, shown) =>
        planQueues(desk, { ...spec, foundLate: shown?.late !== undefined }, io.clock.now(), within),
      amend: spec,
    });
  },
});
