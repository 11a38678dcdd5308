// Reads the rules for changes that apply to a cluster.

import { existsSync } from 'node:fs';
import { confirmationText } from '../../brokers/cluster-id.ts';
import type { ChangesConfig, Freeze } from '../../ops/change/config.ts';
import type { Caller } from '../caller.ts';
import { configPath, loadConfig } from '../config/config-file.ts';
import { freezesOf } from '../config/freezes.ts';
import { isAddressed } from '../observe/verify-cluster.ts';

export interface ChangeRules extends Omit<ChangesConfig, 'freezes'> {
  freezes: readonly Freeze[];
  /** As the rules name the cluster: an id of RocketMQ is a name, which several clusters may have. */
  clusters: readonly string[];
}

/**
 * An address on the command line does not lift the rules: those of the config file apply to the cluster with the same id.
 *
 * @param typed what the brokers call the cluster
 * @throws AppError config-unreadable, config-invalid
 */
export async function changeRulesFor(
  io: Caller,
  { name, typed }: { name: string; typed: string },
): Promise<ChangeRules> {
  const file = configPath(io.options['config']);
  // Without a file the command has an address in its place; otherwise it would have been refused before.
  if (!existsSync(file)) return { freezes: [], clusters: [name] };
  const config = await loadConfig(file, io);
  const { changes, clusters } = config;
  const same = Object.entries(clusters)
    .filter(([, { clusterId }]) => clusterId !== undefined && confirmationText(clusterId) === typed)
    .map(([each]) => each);
  return { ...changes, freezes: freezesOf(config), clusters: isAddressed(io) && same.length > 0 ? same : [name] };
}
