// Creates the commands that change installed instances, one failure domain after another.

import type { upgradeInstances } from '../../app/instances/install-instances.ts';
import { printChange } from '../change/print-change.ts';
import { defineCommand } from '../command.ts';
import { instanceChangeOptions, rollingOptions } from './instance-options.ts';

export function rollingCommand(action: 'upgrade' | 'reconfigure', change: typeof upgradeInstances) {
  const name = `instances ${action}`;
  return defineCommand({
    positionals: '[NAME…]',
    options: { ...instanceChangeOptions, ...rollingOptions },
    examples: [
      `plimsoll ${name} --cluster orders`,
      `plimsoll ${name} --cluster orders --execute --confirm orders --wait 30m`,
      `plimsoll ${name} --cluster orders --abort`,
    ],

    run: async (io) => printChange(io, await change(io, io.positionals)),
  });
}
