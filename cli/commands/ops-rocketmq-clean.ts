// Declares `plimsoll ops rocketmq clean`.

import { administerRocketmq } from '../../app/change/administration/administer-rocketmq.ts';
import { cleanups } from '../../brokers/rocketmq/protocol/clean-broker.ts';
import { clean, planClean } from '../../ops/rocketmq/clean/clean.ts';
import { rocketmqAdministrationOptions } from '../change/administration-options.ts';
import { printChange } from '../change/print-change.ts';
import { defineCommand } from '../command.ts';
import { choice, list, option } from '../option.ts';
import { BrokerName } from '../rocketmq/change-options.ts';

export const opsRocketmqCleanCommand = defineCommand({
  name: 'ops rocketmq clean',
  options: {
    ...rocketmqAdministrationOptions,
    what: option(cleanups.join('|'), 'what the brokers delete', choice(cleanups), {
      missing: `one of ${cleanups.join(', ')}`,
    }),
    broker: list('NAME', 'only on this broker (default: on all)', BrokerName),
  },
  examples: [
    'plimsoll ops rocketmq clean --cluster orders --what expired-commit-log',
    'plimsoll ops rocketmq clean --cluster orders --what unused-topics --broker broker-a --execute',
  ],

  async run(io) {
    const { what, broker: brokers } = io.options;
    const state = await administerRocketmq(io, {
      kind: clean,
      subject: what,
      plan: (tools, within) => planClean(tools, { what, brokers }, within),
    });
    return printChange(io, state);
  },
});
