// Shows instances that are not in their desired state, or one instance in full.

import { readInventory } from '../../app/instances/read-inventory.ts';
import { isAsDesired } from '../../core/documents/instances.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { meantHint } from '../../core/text/nearest.ts';
import { hasColours } from '../command-line.ts';
import { defineCommand, printReport } from '../command.ts';
import { instanceText, inventoryText } from '../instances/inventory-text.ts';
import { inventoryOptions } from '../instances/instance-options.ts';

export const instancesStatusCommand = defineCommand({
  positionals: '[NAME]',
  options: inventoryOptions,
  examples: ['plimsoll instances status', 'plimsoll instances status broker-1', 'plimsoll instances status --json'],

  async run(io) {
    const [name] = io.positionals;
    const { notices, instances } = await readInventory(io);
    const shown =
      name === undefined
        ? instances.filter((each) => !isAsDesired(each))
        : instances.filter((each) => each.name === name);
    const [only] = shown;
    if (name !== undefined && only === undefined) {
      const names = instances.map((each) => each.name);
      throw new AppError('not-found', `there is no instance ${name}`, {
        hint: meantHint(name, names, '`plimsoll instances list` lists them'),
      });
    }
    const isCompared = name !== undefined || instances.some(({ desired }) => desired !== undefined);
    const how = { colours: hasColours(io.stdout, io.environment) };
    const text =
      name !== undefined && only !== undefined
        ? instanceText(only)
        : shown.length === 0
          ? isCompared
            ? 'All instances are in their desired state.\n'
            : 'No instance has a desired state, so none was compared.\n'
          : inventoryText({ schemaVersion: 1, instances: shown, notices }, how, instances);
    printReport(io, { json: { instances: shown }, text, notices });
    if (!isCompared || shown.some(({ state }) => state === 'unknown')) return exitCodes.unknown;
    return shown.every(isAsDesired) ? exitCodes.answered : exitCodes.threshold;
  },
});
