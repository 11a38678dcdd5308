// Declares `plimsoll ops rocketmq alter-config`.

import { AppError } from '../../core/errors.ts';
import { brokerSettings } from '../../ops/rocketmq/settings/broker-settings.ts';
import { planBrokerSettings } from '../../ops/rocketmq/settings/plan-broker-settings.ts';
import { assigned, assignments, goneOption, rocketmqAdministrationOptions } from '../change/administration-options.ts';
import { changeRocketmq } from '../rocketmq/change-rocketmq.ts';
import { defineCommand, flag, option } from '../command.ts';
import { BrokerName } from '../rocketmq/run-change.ts';

export const opsRocketmqAlterConfigCommand = defineCommand({
  options: {
    ...rocketmqAdministrationOptions,
    ...goneOption,
    broker: option('NAME', 'the broker, with its master and its slaves', BrokerName.optional()),
    'all-brokers': flag('all brokers instead of one'),
    set: assignments('a setting, such as fileReservedTime=48'),
    'accept-readers': flag('also shorten retention where consumer groups may not have read what it deletes'),
  },
  examples: [
    'plimsoll ops rocketmq alter-config --cluster orders --broker broker-a --set fileReservedTime=48',
    'plimsoll ops rocketmq alter-config --cluster orders --all-brokers --set fileReservedTime=48 --accept-readers --execute',
    'plimsoll ops rocketmq alter-config --cluster orders --broker broker-a --set brokerPermission=6 --execute',
  ],

  async run(io) {
    const { broker, 'all-brokers': isAll, set, resume, abort, 'accept-readers': acceptReaders } = io.options;
    if ((broker === undefined) === !isAll) {
      throw new AppError('usage', 'which broker? give one of --broker NAME and --all-brokers', {
        hint: '`plimsoll get brokers` lists the brokers',
      });
    }
    if (set.length === 0 && !resume && !abort) throw new AppError('usage', 'nothing to change: give --set KEY=VALUE');
    const spec = { brokers: broker === undefined ? [] : [broker], set: assigned(set), acceptReaders };
    return changeRocketmq(io, (tools) => ({
      kind: brokerSettings,
      subject: broker ?? 'all-brokers',
      plan: (within) => planBrokerSettings(tools, spec, within),
    }));
  },
});
