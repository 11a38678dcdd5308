// Declares options that several commands share: config file, cluster, language, day, lab folder and partition.

import { existsSync } from 'node:fs';
import { join, resolve, dirname } from 'node:path';
import { z } from 'zod';
import type { Caller, CommonRequest } from '../app/caller.ts';
import { defaultConfigFile, loadConfig, type Config } from '../app/config/config-file.ts';
import { resolvePolicy } from '../core/policy/policy-config.ts';
import type { Policy } from '../core/policy/policy.ts';
import { text, choice, option, type CommandIo, type Option } from './command.ts';
import { findingLanguages } from '../core/documents/findings/finding-entry.ts';
import { labFolder, stateFolder } from '../core/user-folders.ts';
import type { ClusterConfig } from '../brokers/config.ts';
import type { PartitionPlace } from '../core/cluster.ts';
import { traitsOf, type AddressOption } from '../core/broker-kind/registry.ts';
import { AppError } from '../core/errors.ts';
import type { ServiceConfig } from '../app/config/service.ts';

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

/** Declares the options that select a cluster: an entry of the config file, or an address. */
export const clusterOptions = {
  config: configFileOption,
  cluster: text('NAME', 'name of the cluster in the config file (default: the only one)'),
  bootstrap: text('HOST:PORT', 'connect to this Kafka broker, without a config file'),
  namesrv: text('HOST:PORT', 'connect to this RocketMQ name server, without a config file'),
} satisfies Record<'config' | 'cluster' | AddressOption, unknown>;

const { config, cluster, bootstrap, namesrv } = clusterOptions;

/** For commands for one kind of broker. */
export const kafkaClusterOptions = { config, cluster, bootstrap };
export const rocketmqClusterOptions = { config, cluster, namesrv };

/** Declares the option that selects the language of an output. */
export const languageOption = (of: string) =>
  option('en|zh', `language of ${of} (default en)`, choice(findingLanguages).default('en'));

/** Declares options that take a day. */
export const dayText = (timeMs: number) => new Date(timeMs).toISOString().slice(0, 10);

const Day = z
  .string()
  .refine(
    (day) => /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(Date.parse(day)) && dayText(Date.parse(day)) === day,
    {
      error: ({ input }) => `${String(input)} is not a date`,
    },
  );

export const day = (help: string) => option('DATE', help, Day.optional(), { hint: 'write it as 2026-11-11' });

/** Resolves the folder of the lab from the options. */
export const stateDirectoryOption: Option = text(
  'DIR',
  'folder of what runs; each holds one lab (default: the XDG state folder, ~/.local/state/plimsoll)',
);

export function labDirectory({ options, environment }: Pick<CommandIo, 'options' | 'environment'>): string {
  const given = options['state-dir'];
  return resolve(typeof given === 'string' ? join(given, 'lab') : labFolder(environment));
}

/** @throws AppError usage */
export function placeOf(
  typed: string,
  { broker }: Pick<ClusterConfig, 'broker'>,
  topic: string,
): Pick<PartitionPlace, 'partition' | 'brokerName'> {
  const [, brokerName, number] = /^(?:(.+):)?(\d{1,9})$/.exec(typed) ?? [];
  if (number === undefined) {
    throw new AppError('usage', `--partition ${typed} is not a partition, such as 3 or broker-a:3`);
  }
  if (traitsOf(broker).partitionNumbersPer === 'broker' && brokerName === undefined) {
    throw new AppError('usage', `--partition ${typed}: RocketMQ queue ids start at 0 on each broker`, {
      hint: `name it, such as --partition broker-a:${typed}; \`plimsoll get topic ${topic}\` lists them`,
    });
  }
  return { partition: Number(number), ...(brokerName !== undefined && { brokerName }) };
}

/**
 * Locates the history database: --history-db, service.ledger of the config file, or the state folder, as in the
 * service.
 */
export const historyDatabase = text(
  'FILE',
  'database of the history (default: that of the config file, or the one in the state folder)',
);
export const historyOption = { ...historyDatabase, formerly: 'ledger' };

type HistoryPlace = Pick<CommonRequest, 'state-dir'> & Readonly<{ 'history-db'?: string | undefined }>;

export function historyFile(
  { options, environment }: Pick<Caller<HistoryPlace>, 'options' | 'environment'>,
  config: { file: string; service: Pick<ServiceConfig, 'ledger'> } | undefined,
): string {
  const { 'history-db': database, 'state-dir': directory } = options;
  if (database !== undefined) return database;
  const ledger = config?.service.ledger;
  if (config === undefined || ledger === undefined) return join(directory ?? stateFolder(environment), 'ledger.sqlite');
  return resolve(dirname(config.file), ledger);
}
