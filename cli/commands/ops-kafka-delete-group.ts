// Declares `plimsoll ops kafka delete-group`.

import { deleteKafkaGroup } from '../../app/change/administration/delete-kafka-group.ts';
import { deletionOptions, groupOption, kafkaAdministrationOptions } from '../change/administration-options.ts';
import { printChange } from '../change/print-change.ts';
import { defineCommand, text } from '../command.ts';

export const opsKafkaDeleteGroupCommand = defineCommand({
  options: {
    ...kafkaAdministrationOptions,
    group: groupOption,
    topic: text('NAME', 'delete only the offsets in this topic, and keep the group'),
    ...deletionOptions,
  },
  examples: [
    'plimsoll ops kafka delete-group --cluster orders --group billing-old',
    'plimsoll ops kafka delete-group --cluster orders --group billing --topic order-paid',
    'plimsoll ops kafka delete-group --cluster orders --group billing-old --execute --confirm MkU3OEVBNTcwNTJENDM2Qg --confirm-name billing-old',
  ],

  async run(io) {
    const { group, topic } = io.options;
    return printChange(io, await deleteKafkaGroup(io, { group, ...(topic !== undefined && { topic }) }));
  },
});
