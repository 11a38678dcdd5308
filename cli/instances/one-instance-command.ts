// Creates the commands that start, stop or restart one instance.

import { changeInstance } from '../../app/instances/change-instances.ts';
import { printChange } from '../change/print-change.ts';
import { defineCommand, oneWord } from '../command.ts';
import { instanceChangeOptions } from './instance-options.ts';

export function oneInstanceCommand(action: 'start' | 'stop' | 'restart') {
  const name = `instances ${action}`;
  return defineCommand({
    positionals: 'NAME',
    options: instanceChangeOptions,
    examples: [`plimsoll ${name} broker-1`, `plimsoll ${name} broker-1 --execute --confirm u6T0R2V0RsGBm7lFiN1c1Q`],

    run: async (io) => printChange(io, await changeInstance(io, action, oneWord(io, name, 'the name of an instance'))),
  });
}
