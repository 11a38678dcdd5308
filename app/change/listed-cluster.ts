// Reads what is needed to tell which journals of changes are about a cluster.

import type { ClusterConfig } from '../../brokers/config.ts';
import { driverOf } from '../../brokers/registry.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import type { LeaseStatus } from '../../core/documents/change-leases.ts';
import type { Caller } from '../caller.ts';
import { isAddressed, type NamedEntry } from '../observe/verify-cluster.ts';
import { leaseStatusOf } from './lease-status.ts';

export interface ListedCluster {
  lease: LeaseStatus;
  config: ClusterConfig;
  /** Only where it distinguishes clusters: configured, or reported by the brokers at an address. */
  clusterId?: string;
  /** Named by an address in place of the config file. */
  isAddressed: boolean;
}

/** Without an answer of its brokers, the lease is unknown and the id of a cluster at an address is absent. */
export async function listedCluster(
  io: Pick<Caller, 'options' | 'clock' | 'signal'>,
  { name, config }: NamedEntry,
): Promise<ListedCluster> {
  const lease = await leaseStatusOf(name, config, io);
  const listed = { lease, config, isAddressed: isAddressed(io) };
  if (!traitsOf(config.broker).discovery.hasUniqueClusterId) return listed;
  if (!listed.isAddressed) {
    return typeof config.clusterId === 'string' ? { ...listed, clusterId: config.clusterId } : listed;
  }
  if (lease.state === 'unknown') return listed;
  await using inspector = await driverOf(config).inspect(name, config, io);
  const { clusterId } = await inspector.describe(io);
  return clusterId === undefined ? listed : { ...listed, clusterId };
}
