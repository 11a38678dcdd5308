// Finds the requested cluster: an entry of the config file, or an address in its place.

import { ClusterConfig } from '../../brokers/config.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import { brokerKinds, type BrokerKind } from '../../core/cluster.ts';
import { AppError } from '../../core/errors.ts';
import { nearest } from '../../core/text/nearest.ts';
import type { HostsConfig } from '../../hosts/config.ts';
import type { LoadgenConfig } from '../../loadgen/config.ts';
import type { Caller } from '../caller.ts';
import { configPath, loadConfig } from '../config/config-file.ts';

export interface NamedCluster {
  name: string;
  config: ClusterConfig;
  /** Those of the config file; none where an address was given in its place. */
  hosts: HostsConfig;
  loadgen?: LoadgenConfig;
}

/** @throws AppError usage, config-unreadable, config-invalid */
export async function clusterOf({ options, signal }: Pick<Caller, 'options' | 'signal'>): Promise<NamedCluster> {
  const addressed = addressedCluster(options);
  if (addressed !== undefined) return addressed;
  const file = configPath(options['config']);
  const { clusters, hosts, loadgen } = await loadConfig(file, { signal });
  const names = Object.keys(clusters);
  const listed = names.length === 0 ? 'it has no clusters' : `it has ${names.join(', ')}`;
  const wanted = options['cluster'];
  if (typeof wanted === 'string') {
    const config = clusters[wanted];
    if (config !== undefined) return { name: wanted, config, hosts, ...(loadgen && { loadgen }) };
    const meant = nearest(wanted, names);
    throw new AppError('usage', `${file} has no cluster ${wanted}: ${listed}`, {
      ...(meant !== undefined && { hint: `did you mean --cluster ${meant}?` }),
    });
  }
  const [name, another] = names;
  const config = name === undefined ? undefined : clusters[name];
  if (name === undefined || config === undefined || another !== undefined) {
    throw new AppError('usage', `--cluster is missing for ${file}: ${listed}`, {
      hint: name === undefined ? '`plimsoll init` writes one' : 'give --cluster NAME',
    });
  }
  return { name, config, hosts, ...(loadgen && { loadgen }) };
}

type OfKind<Kind extends BrokerKind> = Omit<NamedCluster, 'config'> & {
  config: Extract<ClusterConfig, { broker: Kind }>;
};

/** @throws AppError usage for a cluster of another kind, and as clusterOf */
export async function clusterOfKind<Kind extends BrokerKind>(
  io: Pick<Caller, 'options' | 'signal'>,
  kind: Kind,
): Promise<OfKind<Kind>> {
  const named = await clusterOf(io);
  if (named.config.broker === kind) return named as OfKind<Kind>;
  const { displayName, discovery } = traitsOf(kind);
  throw new AppError('usage', `${named.name} is not a ${displayName} cluster`, {
    hint: `give --cluster NAME of a ${displayName} cluster, or --${discovery.key} HOST:PORT`,
  });
}

function addressedCluster(options: Caller['options']): NamedCluster | undefined {
  const [kind, another] = brokerKinds.filter((each) => options[traitsOf(each).discovery.key] !== undefined);
  if (kind === undefined) return undefined;
  if (another !== undefined || options['cluster'] !== undefined || options['config'] !== undefined) {
    throw new AppError('usage', '--bootstrap, --namesrv and a cluster of a config file exclude each other');
  }
  const option = traitsOf(kind).discovery.key;
  const parsed = ClusterConfig.safeParse({ broker: kind, [option]: addressesOf(options, option) });
  if (!parsed.success)
    throw new AppError('usage', `--${option}: ${parsed.error.issues[0]?.message ?? 'not understood'}`);
  return { name: parsed.data.broker, config: parsed.data, hosts: {} };
}

/** Several with commas between. */
export function addressesOf(options: Caller['options'], name: string): string[] {
  const given = options[name];
  if (typeof given !== 'string') return [];
  return given
    .split(',')
    .map((address) => address.trim())
    .filter(Boolean);
}
