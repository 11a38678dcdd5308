// Reads the rules for changes that apply to a cluster.

import { existsSync } from 'node:fs';
import { confirmationText } from '../../brokers/cluster-id.ts';
import type { ChangesConfig, Freeze } from '../../ops/change/config.ts';
import type { Caller } from '../caller.ts';
import { configPath, loadConfig } from '../config/config-file.ts';
import { freezesOf } from '../config/freezes.ts';
import { isAddressed } from '../observe/named-cluster.ts';

export interface ChangeRules extends Omit<ChangesConfig, 'freezes'> {
  freezes: readonly Freeze[];
  /** Names of the cluster in the rules. A RocketMQ id is a name that several clusters may share. */
  clusters: readonly string[];
}

/**
 * Reads the rules from the config file, also if the command line has an address: then those of the cluster with the
 * same id apply.
 *
 * @param typed name or id that the brokers report
 * @throws AppError config-unreadable, config-invalid
 */
export async function changeRulesFor(
  io: Caller,
  { name, typed }: { name: string; typed: string },
): Promise<ChangeRules> {
  const file = configPath(io.options['config']);
  // Without a config file the command line has an address; otherwise the command would have failed before.
  if (!existsSync(file)) return { freezes: [], clusters: [name] };
  const config = await loadConfig(file, io);
  const { changes, clusters } = config;
  const same = Object.entries(clusters)
    .filter(([, { clusterId }]) => clusterId !== undefined && confirmationText(clusterId) === typed)
    .map(([each]) => each);
  return { ...changes, freezes: freezesOf(config), clusters: isAddressed(io) && same.length > 0 ? same : [name] };
}
