// Lists the processes of the clusters with host, role, version, desired and actual state.

import { readInventory } from '../../app/instances/read-inventory.ts';
import { exitCodes } from '../../core/errors.ts';
import { hasColours } from '../command-line.ts';
import { defineCommand, printReport } from '../command.ts';
import { inventoryText } from '../instances/inventory-text.ts';
import { inventoryOptions } from '../instances/instance-options.ts';

export const instancesListCommand = defineCommand({
  options: inventoryOptions,
  examples: ['plimsoll instances list', 'plimsoll instances list --cluster orders --json'],

  async run(io) {
    const document = await readInventory(io);
    const { instances, notices } = document;
    const how = { colours: hasColours(io.stdout, io.environment) };
    printReport(io, { json: { instances }, text: inventoryText(document, how), notices });
    return instances.some(({ state }) => state === 'unknown') ? exitCodes.unknown : exitCodes.answered;
  },
});
