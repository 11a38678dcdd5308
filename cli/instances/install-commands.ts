// Declares the commands that install, upgrade and remove instances.

import { installInstances, removeInstance, upgradeInstances } from '../../app/instances/install-instances.ts';
import { reconfigureInstances } from '../../app/instances/reconfigure-instances.ts';
import { printChange } from '../change/print-change.ts';
import { defineCommand } from '../command.ts';
import { confirmNameOption } from '../confirm.ts';
import { oneWord } from '../one-word.ts';
import { flag } from '../option.ts';
import { rollingOptions, instanceChangeOptions } from './instance-options.ts';

export const instancesInstallCommand = defineCommand({
  name: 'instances install',
  positionals: '[NAME…]',
  options: instanceChangeOptions,
  examples: [
    'plimsoll instances install --cluster orders',
    'plimsoll instances install --cluster orders --execute --confirm orders --wait 10m',
  ],

  run: async (io) => printChange(io, await installInstances(io, io.positionals)),
});

export const instancesUpgradeCommand = defineCommand({
  name: 'instances upgrade',
  positionals: '[NAME…]',
  options: { ...instanceChangeOptions, ...rollingOptions },
  examples: [
    'plimsoll instances upgrade --cluster orders',
    'plimsoll instances upgrade --cluster orders --execute --confirm orders --wait 30m',
    'plimsoll instances upgrade --cluster orders --abort',
  ],

  run: async (io) => printChange(io, await upgradeInstances(io, io.positionals)),
});

export const instancesReconfigureCommand = defineCommand({
  name: 'instances reconfigure',
  positionals: '[NAME…]',
  options: { ...instanceChangeOptions, ...rollingOptions },
  examples: [
    'plimsoll instances reconfigure --cluster orders',
    'plimsoll instances reconfigure --cluster orders --execute --confirm orders --wait 30m',
    'plimsoll instances reconfigure --cluster orders --abort',
  ],

  run: async (io) => printChange(io, await reconfigureInstances(io, io.positionals)),
});

export const instancesRemoveCommand = defineCommand({
  name: 'instances remove',
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
