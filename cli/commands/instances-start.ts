// Starts one instance after checking Java, ports, disk space and data directories.

import { changeInstance } from '../../app/instances/change-instances.ts';
import { printChange } from '../change/print-change.ts';
import { defineCommand } from '../command.ts';
import { instanceChangeOptions } from '../instances/instance-options.ts';
import { oneWord } from '../one-word.ts';

export const instancesStartCommand = defineCommand({
  name: 'instances start',
  positionals: 'NAME',
  options: instanceChangeOptions,
  examples: [
    'plimsoll instances start broker-1',
    'plimsoll instances start broker-1 --execute --confirm u6T0R2V0RsGBm7lFiN1c1Q',
  ],

  async run(io) {
    return printChange(
      io,
      await changeInstance(io, 'start', oneWord(io, 'instances start', 'the name of an instance')),
    );
  },
});
