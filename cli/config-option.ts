// Declares the option that names the config file, and reads the policy of that file.

import { configPath, defaultConfigFile, loadConfig } from '../app/config/config-file.ts';
import { resolvePolicy } from '../core/policy/policy-config.ts';
import type { Policy } from '../core/policy/policy.ts';
import type { CommandIo } from './command.ts';
import { text } from './option.ts';

export const configFileOption = text('FILE', `the config file (default ${defaultConfigFile})`);

export const policyOption = { ...configFileOption, help: 'config file with the policy (default: the built-in policy)' };

/** @returns the policy of the file that `--config` names; without it the built-in one */
export async function policyOf({ options, signal }: Pick<CommandIo, 'options' | 'signal'>): Promise<Policy> {
  const { config } = options;
  return resolvePolicy(config === undefined ? undefined : (await loadConfig(configPath(config), { signal })).analyzer);
}
