// Installs instances over SSH from a checked archive.

import { installInstances } from '../../app/instances/install-instances.ts';
import { printChange } from '../change/print-change.ts';
import { defineCommand } from '../command.ts';
import { instanceChangeOptions } from '../instances/instance-options.ts';

export const instancesInstallCommand = defineCommand({
  positionals: '[NAME…]',
  options: instanceChangeOptions,
  examples: [
    'plimsoll instances install --cluster orders',
    'plimsoll instances install --cluster orders --execute --confirm orders --wait 10m',
  ],

  run: async (io) => printChange(io, await installInstances(io, io.positionals)),
});
