// Declares `plimsoll ops kafka alter-config`.

import { AppError } from '../../core/errors.ts';
import { changeSettings } from '../kafka/change-settings.ts';
import { assignments, kafkaAdministrationOptions } from '../change/administration-options.ts';
import { defineCommand, flag, list, option, wholeNumber } from '../command.ts';

export const opsKafkaAlterConfigCommand = defineCommand({
  options: {
    ...kafkaAdministrationOptions,
    broker: option('ID', 'the broker', wholeNumber(0, 2 ** 31 - 1).optional()),
    'all-brokers': flag('change the default of all brokers, not one broker'),
    set: assignments('a setting, such as log.cleaner.threads=2'),
    reset: list('KEY', 'reset a setting to server.properties or the default'),
    'accept-readers': flag('also change retention or cleanup.policy of topics without their own value'),
  },
  examples: [
    'plimsoll ops kafka alter-config --cluster orders --broker 1 --set log.cleaner.threads=2',
    'plimsoll ops kafka alter-config --cluster orders --all-brokers --set num.io.threads=16 --execute',
    'plimsoll ops kafka alter-config --cluster orders --all-brokers --reset num.io.threads --execute',
  ],

  async run(io) {
    const { broker, 'all-brokers': isAll } = io.options;
    if ((broker === undefined) === !isAll) {
      throw new AppError('usage', 'which broker? give one of --broker ID and --all-brokers', {
        hint: '`plimsoll get brokers` lists the brokers',
      });
    }
    const of = { kind: 'broker', name: broker === undefined ? '' : String(broker) } as const;
    return await changeSettings(io, of, io.options['accept-readers']);
  },
});
