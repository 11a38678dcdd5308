// Declares `plimsoll ops kafka alter-topic`.

import { changeSettings } from '../kafka/change-settings.ts';
import { assignments, kafkaAdministrationOptions, topicOption } from '../change/administration-options.ts';
import { defineCommand, flag, list } from '../command.ts';

export const opsKafkaAlterTopicCommand = defineCommand({
  options: {
    ...kafkaAdministrationOptions,
    topic: topicOption,
    set: assignments('a setting, such as retention.ms=86400000'),
    reset: list('KEY', "reset a setting to the brokers' default"),
    'accept-readers': flag('also shorten retention or change cleanup.policy where unread messages or keys may be lost'),
  },
  examples: [
    'plimsoll ops kafka alter-topic --cluster orders --topic order-paid --set retention.ms=86400000',
    'plimsoll ops kafka alter-topic --cluster orders --topic order-paid --reset retention.ms --execute',
  ],
  run: (io) => changeSettings(io, { kind: 'topic', name: io.options.topic }, io.options['accept-readers']),
});
