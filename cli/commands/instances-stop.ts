// Stops one instance.

import { changeInstance } from '../../app/instances/change-instances.ts';
import { printChange } from '../change/print-change.ts';
import { defineCommand } from '../command.ts';
import { instanceChangeOptions } from '../instances/instance-options.ts';
import { oneWord } from '../one-word.ts';

export const instancesStopCommand = defineCommand({
  name: 'instances stop',
  positionals: 'NAME',
  options: instanceChangeOptions,
  examples: [
    'plimsoll instances stop broker-1',
    'plimsoll instances stop broker-1 --execute --confirm u6T0R2V0RsGBm7lFiN1c1Q',
  ],

  async run(io) {
    return printChange(io, await changeInstance(io, 'stop', oneWord(io, 'instances stop', 'the name of an instance')));
  },
});
