// Reads the promotions of the config file for commands that work without one.

import { existsSync } from 'node:fs';
import { defaultConfigFile, loadConfig } from '../config/config-file.ts';
import type { Promotion } from '../config/promotion.ts';

/**
 * @param file that `--config` names; by default the default config file, if it exists
 * @throws AppError config-unreadable, config-invalid
 */
export async function configuredPromotions(
  file: string | undefined,
  io: { signal: AbortSignal },
): Promise<readonly Promotion[]> {
  if (file === undefined && !existsSync(defaultConfigFile)) return [];
  return (await loadConfig(file ?? defaultConfigFile, io)).service.promotions;
}
