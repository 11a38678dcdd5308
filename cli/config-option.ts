// Declares the option that names the config file, and reads the policy of that file.

import { existsSync } from 'node:fs';
import type { Caller, CommonRequest } from '../app/caller.ts';
import { defaultConfigFile, loadConfig, type Config } from '../app/config/config-file.ts';
import { resolvePolicy } from '../core/policy/policy-config.ts';
import type { Policy } from '../core/policy/policy.ts';
import { text } from './command.ts';

export const configFileOption = text('FILE', `the config file (default ${defaultConfigFile})`);

/** For commands that serve HTTP. */
export const webConfigOption = text(
  'FILE',
  "TLS, users and headers, in the format of Prometheus' exporter-toolkit; read again when it changes",
);

export const policyOption = {
  ...configFileOption,
  help: `config file with the policy (default ${defaultConfigFile}, or the built-in policy if there is none)`,
};

/** @returns the file that `--config` names, or the default file if it exists */
export const presentConfigFile = (option: string | undefined): string | undefined =>
  option ?? (existsSync(defaultConfigFile) ? defaultConfigFile : undefined);

/** @throws AppError config-unreadable, config-invalid */
export async function presentConfig({ options, signal }: Omit<PolicyIo, 'stderr'>): Promise<Config | undefined> {
  const file = presentConfigFile(options.config);
  return file === undefined ? undefined : loadConfig(file, { signal });
}

type PolicyIo = Pick<Caller<Pick<CommonRequest, 'config'>>, 'options' | 'stderr' | 'signal'>;

/** @returns the existing config file; reports the default file if used */
export function policyFile({ options, stderr }: Omit<PolicyIo, 'signal'>): string | undefined {
  const file = presentConfigFile(options.config);
  if (file !== options.config) stderr.write(`policy limits from ${defaultConfigFile}\n`);
  return file;
}

/** @returns the policy of that file, or the built-in one */
export async function policyOf(io: PolicyIo): Promise<Policy> {
  const file = policyFile(io);
  return resolvePolicy(file === undefined ? undefined : (await loadConfig(file, io)).analyzer);
}
