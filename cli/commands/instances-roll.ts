// Restarts the instances of a cluster one failure domain after another, each only while the cluster is healthy.

import { rollInstances } from '../../app/instances/change-instances.ts';
import { printChange } from '../change/print-change.ts';
import { defineCommand } from '../command.ts';
import { instanceChangeOptions } from '../instances/instance-options.ts';

export const instancesRollCommand = defineCommand({
  name: 'instances roll',
  positionals: '[NAME…]',
  options: instanceChangeOptions,
  examples: [
    'plimsoll instances roll --cluster orders',
    'plimsoll instances roll --cluster orders --execute --confirm u6T0R2V0RsGBm7lFiN1c1Q --wait 30m',
    'plimsoll instances roll --cluster orders --resume',
  ],

  async run(io) {
    return printChange(io, await rollInstances(io, io.positionals));
  },
});
