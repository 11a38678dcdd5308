// Restarts one instance, and reads its log until it serves.

import { changeInstance } from '../../app/instances/change-instances.ts';
import { printChange } from '../change/print-change.ts';
import { defineCommand } from '../command.ts';
import { instanceChangeOptions } from '../instances/instance-options.ts';
import { oneWord } from '../one-word.ts';

export const instancesRestartCommand = defineCommand({
  name: 'instances restart',
  positionals: 'NAME',
  options: instanceChangeOptions,
  examples: [
    'plimsoll instances restart broker-1',
    'plimsoll instances restart broker-1 --execute --confirm u6T0R2V0RsGBm7lFiN1c1Q',
  ],

  async run(io) {
    return printChange(
      io,
      await changeInstance(io, 'restart', oneWord(io, 'instances restart', 'the name of an instance')),
    );
  },
});
