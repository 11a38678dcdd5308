// Declares `plimsoll ops rocketmq clean`.

import { cleanups } from '../../brokers/rocketmq/protocol/broker-requests.ts';
import { clean, planClean } from '../../ops/rocketmq/clean/clean.ts';
import { rocketmqAdministrationOptions } from '../change/administration-options.ts';
import { changeRocketmq } from '../rocketmq/change-rocketmq.ts';
import { choice, defineCommand, list, option } from '../command.ts';
import { BrokerName } from '../rocketmq/run-change.ts';

export const opsRocketmqCleanCommand = defineCommand({
  options: {
    ...rocketmqAdministrationOptions,
    what: option('WHAT', `what the brokers delete: ${cleanups.join(', ')}`, choice(cleanups)),
    broker: list('NAME', 'only on this broker (default: on all)', BrokerName),
  },
  examples: [
    'plimsoll ops rocketmq clean --cluster orders --what expired-commit-log',
    'plimsoll ops rocketmq clean --cluster orders --what unused-topics --broker broker-a --execute',
  ],

  async run(io) {
    const { what, broker: brokers } = io.options;
    return changeRocketmq(io, (tools) => ({
      kind: clean,
      subject: what,
      plan: (within) => planClean(tools, { what, brokers }, within),
    }));
  },
});
