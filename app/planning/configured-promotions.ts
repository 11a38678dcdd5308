// Reads the section `service` of the config file for commands that do not require one.

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

/** By domain: its cluster, and the cluster's name in the monitoring system, which production verdicts and alerts may use. */
export function clustersOfDomains(service: Config['service'] | undefined): Record<string, string[]> {
  const domains = Object.entries(service?.domains ?? {});
  const namesOf = (cluster: string) => [cluster, service?.clusters[cluster]?.nameInSource ?? cluster];
  return Object.fromEntries(domains.map(([domain, { cluster }]) => [domain, namesOf(cluster)]));
}
