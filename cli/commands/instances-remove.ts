// Removes one instance: service, program and settings, and its data on request.

import { removeInstance } from '../../app/instances/install-instances.ts';
import { printChange } from '../change/print-change.ts';
import { defineCommand, flag, oneWord } from '../command.ts';
import { confirmNameOption } from '../confirm.ts';
import { instanceChangeOptions } from '../instances/instance-options.ts';

export const instancesRemoveCommand = defineCommand({
  positionals: 'NAME',
  options: {
    ...instanceChangeOptions,
    data: flag('delete its data directories and logs, too; the name of the instance has to be typed'),
    'confirm-name': confirmNameOption,
  },
  examples: ['plimsoll instances remove broker-3', 'plimsoll instances remove broker-3 --data --execute'],

  async run(io) {
    const name = oneWord(io, 'instances remove', 'the name of an instance');
    return printChange(io, await removeInstance(io, name, { data: io.options.data }));
  },
});
