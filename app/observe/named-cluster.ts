// Finds the requested cluster, an entry of the config file or an address, and verifies the id that its brokers report.

import { driverOf } from '../../brokers/registry.ts';
import { ClusterConfig } from '../../brokers/config.ts';
import { addressOptions, traitsOf } from '../../core/broker-kind/registry.ts';
import { type BrokerKind, brokerKinds, type Cluster } from '../../core/cluster.ts';
import { defined } from '../../core/defined.ts';
import { AppError, isUnreachable } from '../../core/errors.ts';
import { nearest } from '../../core/text/nearest.ts';
import { quotedWord } from '../../core/text/quoted-word.ts';
import type { HostsConfig } from '../../hosts/config.ts';
import type { LoadgenConfig } from '../../loadgen/config.ts';
import { type Caller, lineWriter } from '../caller.ts';
import type { MaskRule } from '../config/service.ts';
import { type Config, configPath, loadConfig } from '../config/config-file.ts';
import { addressesOf } from '../../brokers/addresses.ts';
import {
  clusterIdLine,
  clusterIdOf,
  clusterIdText,
  confirmationText,
  isDownBeside,
  isSameCluster,
} from '../../brokers/cluster-id.ts';

export interface NamedCluster {
  name: string;
  config: ClusterConfig;
  /** Hosts of the config file; empty if an address was given instead. */
  hosts: HostsConfig;
  loadgen?: LoadgenConfig;
  /** From the config file: rules for hiding message content. */
  masks?: readonly MaskRule[];
}

/** @throws AppError usage, config-unreadable, config-invalid */
export async function clusterOf({ options, signal }: Pick<Caller, 'options' | 'signal'>): Promise<NamedCluster> {
  const addressed = addressedCluster(options);
  if (addressed !== undefined) return addressed;
  const { config, cluster } = options;
  return clusterIn(await loadConfig(configPath(config), { signal }), cluster);
}

/**
 * A cluster that may be changed. Behind typed addresses all have the name of their kind: journals, backups and records of a Kafka cluster
 * have the id that it reports.
 *
 * @throws AppError usage, config-unreadable, config-invalid; broker-unreachable and the like
 */
export async function clusterToChange(io: Pick<Caller, 'options' | 'signal'>): Promise<NamedCluster> {
  const named = await clusterOf(io);
  if (io.options['bootstrap'] === undefined) return named;
  await using inspector = await driverOf(named.config)
    .inspect(named.name, named.config, io)
    .catch(pointToStatus(io, named.name));
  const { clusterId } = await inspector.describe(io);
  return { ...named, ...defined({ name: clusterId }) };
}

/** For `catch` where the id of the cluster finds its journal: a change may be unfinished. @throws the error, with that hint */
export const pointToStatus =
  ({ options }: Pick<Caller, 'options'>, name: string) =>
  (cause: unknown): never => {
    if (!(cause instanceof AppError && isUnreachable(cause))) throw cause;
    const { 'state-dir': stateFolder } = options;
    const folder = stateFolder === undefined ? '' : ` --state-dir ${quotedWord(stateFolder)}`;
    const status = `ops status${clusterArgs(options, name)}${folder}`;
    const hint = `${cause.hint}; \`plimsoll ${status}\` lists unfinished changes even while no broker answers`;
    throw new AppError(cause.code, cause.message, { cause, hint });
  };

/** @param wanted optional if the config file has one cluster. @throws AppError usage */
export function clusterIn(
  file: Pick<Config, 'clusters' | 'hosts' | 'loadgen'> & Partial<Pick<Config, 'service'>>,
  wanted: string | undefined,
): NamedCluster {
  const { clusters, hosts, loadgen, service } = file;
  const names = Object.keys(clusters);
  const name = wanted ?? (names.length === 1 ? names[0] : undefined);
  const config = name === undefined ? undefined : clusters[name];
  if (name !== undefined && config !== undefined) {
    return { name, config, hosts, ...(loadgen && { loadgen }), ...(service && { masks: service.messages.mask }) };
  }
  const listed = names.length === 0 ? 'the config file has no clusters' : `clusters: ${names.join(', ')}`;
  const meant = wanted === undefined ? undefined : nearest(wanted, names);
  throw new AppError(
    'usage',
    wanted === undefined ? `--cluster is missing; ${listed}` : `the config file has no cluster ${wanted}; ${listed}`,
    {
      hint:
        names.length === 0
          ? '`plimsoll init` writes a config file for a cluster'
          : meant === undefined
            ? 'give one of them with --cluster NAME'
            : `did you mean --cluster ${meant}?`,
    },
  );
}

type OfKind<Kind extends BrokerKind> = Omit<NamedCluster, 'config'> & {
  config: Extract<ClusterConfig, { broker: Kind }>;
};

/** @throws AppError usage for a cluster of another kind; errors of clusterOf */
export async function clusterOfKind<Kind extends BrokerKind>(
  io: Pick<Caller, 'options' | 'signal'>,
  kind: Kind,
): Promise<OfKind<Kind>> {
  const named = await clusterToChange(io);
  if (named.config.broker === kind) return named as OfKind<Kind>;
  const { displayName, discovery } = traitsOf(kind);
  throw new AppError('usage', `${named.name} is not a ${displayName} cluster`, {
    hint: `give --cluster NAME of a ${displayName} cluster, or --${discovery.key} HOST:PORT`,
  });
}

function addressedCluster(options: Caller['options']): NamedCluster | undefined {
  const [kind, another] = brokerKinds.filter((each) => options[traitsOf(each).discovery.key] !== undefined);
  if (kind === undefined) return undefined;
  const option = traitsOf(kind).discovery.key;
  if (another !== undefined || options['cluster'] !== undefined || options['config'] !== undefined) {
    const all = addressOptions.map((each) => `--${each}`).join(', ');
    throw new AppError('usage', `${all} and a cluster of a config file exclude each other`);
  }
  const parsed = ClusterConfig.safeParse({ broker: kind, [option]: typedAddresses(options[option]) });
  if (!parsed.success)
    throw new AppError('usage', `--${option}: ${parsed.error.issues[0]?.message ?? 'not understood'}`);
  return { name: parsed.data.broker, config: parsed.data, hosts: {} };
}

/** Splits comma-separated addresses. */
export const typedAddresses = (given = ''): string[] =>
  given
    .split(',')
    .map((address) => address.trim())
    .filter(Boolean);

/** Options that name the cluster in a printed command, as in this command; begins with a space. */
export function clusterArgs(options: Caller['options'], name: string): string {
  const option = addressOptions.find((each) => options[each] !== undefined);
  if (option !== undefined) return ` --${option} ${quotedWord(String(options[option]))}`;
  return `${configArgs(options.config)} --cluster ${quotedWord(name)}`;
}

/** Option that names the config file in a printed command, if given; begins with a space. */
export const configArgs = (config: string | undefined): string =>
  config === undefined ? '' : ` --config ${quotedWord(config)}`;

export interface NamedEntry {
  name: string;
  config: ClusterConfig;
}

/** An address on the command line replaces the config; the typed confirmation then identifies the cluster. */
export const isAddressed = ({ options }: Pick<Caller, 'options'>): boolean =>
  addressOptions.some((each) => options[each] !== undefined);

/**
 * @param isRequired false for --resume and --abort, which refuse only a mismatch, so that no change stays unfinished
 * @returns the text to type to confirm a change
 * @throws AppError wrong-cluster, cluster-id-missing; broker-unreachable and similar
 */
export async function verifyCluster(
  { name, config }: NamedEntry,
  io: Pick<Caller, 'options' | 'signal'>,
  { isRequired = !isAddressed(io) } = {},
): Promise<string> {
  await using inspector = await driverOf(config).inspect(name, config, io);
  return verifyLive({ name, config }, await inspector.describe(io), { isRequired });
}

/**
 * @param whenDown text that must be typed if no broker responds, and how that is reported; absent: the error is thrown
 * @returns the text that must be typed
 */
export async function verifyUnlessDown(
  io: Caller,
  entry: NamedEntry,
  whenDown: { typed: string; why: string } | undefined,
  isRequired?: boolean,
): Promise<string> {
  try {
    return await verifyCluster(entry, io, defined({ isRequired }));
  } catch (cause) {
    if (whenDown === undefined || !(cause instanceof AppError && isUnreachable(cause))) throw cause;
    lineWriter(io)(`${whenDown.why}: ${cause.message}`);
    return whenDown.typed;
  }
}

/** Like `verifyCluster`, for a cluster that was just described. */
export function verifyLive({ name, config }: NamedEntry, live: Cluster, { isRequired = true } = {}): string {
  const id = clusterIdOf(live);
  const { clusterId: configured } = config;
  if (configured !== undefined && !isSameCluster(configured, live)) {
    const reported = id === undefined ? 'no id' : clusterIdText(id);
    const compared = `clusters.${name}.clusterId is ${clusterIdText(configured)}, and the brokers at ${addressesOf(config).join(', ')} report ${reported}`;
    if (isDownBeside(configured, live)) {
      throw new AppError('broker-unreachable', `${compared}: no broker of clusterId is registered`, {
        hint: `if ${name} is down, start its brokers`,
      });
    }
    throw new AppError('wrong-cluster', `${compared}: nothing was changed`);
  }
  if (id === undefined) {
    throw new AppError(
      'wrong-cluster',
      `the brokers at ${addressesOf(config).join(', ')} report no cluster id, so ${name} cannot be verified: nothing was changed`,
    );
  }
  if (configured === undefined && isRequired) {
    throw new AppError('cluster-id-missing', `clusters.${name} has no clusterId: nothing was changed`, {
      hint: `the brokers at ${addressesOf(config).join(', ')} report this; if they are the cluster you mean, add it under clusters.${name}:\n    ${clusterIdLine(id)}`,
    });
  }
  // Journal, lease and approval keep one name even while some of several clusters are down.
  return confirmationText(configured ?? id);
}
