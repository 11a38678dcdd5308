// Reads the section `service` of the config file for commands that work without one.

import { existsSync } from 'node:fs';
import { defaultConfigFile, loadConfig, type Config } from '../config/config-file.ts';

/**
 * @param file that `--config` names; by default the default config file, if it exists
 * @throws AppError config-unreadable, config-invalid
 */
export async function configuredService(
  file: string | undefined,
  io: { signal: AbortSignal },
): Promise<Config['service'] | undefined> {
  if (file === undefined && !existsSync(defaultConfigFile)) return undefined;
  return (await loadConfig(file ?? defaultConfigFile, io)).service;
}

/** By domain: its cluster, and the name that this has in its source, which verdicts of production and alerts may have. */
export function clustersOfDomains(service: Config['service'] | undefined): Record<string, string[]> {
  const domains = Object.entries(service?.domains ?? {});
  const namesOf = (cluster: string) => [cluster, service?.clusters[cluster]?.nameInSource ?? cluster];
  return Object.fromEntries(domains.map(([domain, { cluster }]) => [domain, namesOf(cluster)]));
}
