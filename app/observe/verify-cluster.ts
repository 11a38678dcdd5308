// Refuses to load or change a cluster unless its brokers report the configured id.

import { addressesOf } from '../../brokers/addresses.ts';
import {
  clusterIdLine,
  clusterIdOf,
  clusterIdText,
  confirmationText,
  isDownBeside,
  isSameCluster,
} from '../../brokers/cluster-id.ts';
import type { ClusterConfig } from '../../brokers/config.ts';
import { driverOf } from '../../brokers/registry.ts';
import type { Cluster } from '../../core/cluster.ts';
import { AppError } from '../../core/errors.ts';
import type { Caller } from '../caller.ts';

export interface NamedEntry {
  name: string;
  config: ClusterConfig;
}

/** An address on the command line replaces the config; the typed confirmation then identifies the cluster. */
export const isAddressed = ({ options }: Pick<Caller, 'options'>): boolean =>
  options['bootstrap'] !== undefined || options['namesrv'] !== undefined;

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
