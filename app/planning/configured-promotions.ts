// Reads the section `service` of the config file for commands that work without one.

import { existsSync } from 'node:fs';
import { defaultConfigFile, loadConfig, type Config } from '../config/config-file.ts';
import type { Promotion } from '../config/promotion.ts';

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

/** @throws AppError config-unreadable, config-invalid */
export async function configuredPromotions(
  file: string | undefined,
  io: { signal: AbortSignal },
): Promise<readonly Promotion[]> {
  return (await configuredService(file, io))?.promotions ?? [];
}
