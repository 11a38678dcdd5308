// Reads what identifies the cluster of a journal.

import { driverOf } from '../../brokers/registry.ts';
import type { ClusterConfig } from '../../brokers/config.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import type { LeaseStatus } from '../../core/documents/change-leases.ts';
import type { Caller } from '../caller.ts';
import { isAddressed, type NamedEntry } from '../observe/named-cluster.ts';
import { leaseStatusOf } from './lease-status.ts';

export interface ListedCluster {
  lease: LeaseStatus;
  config: ClusterConfig;
  /** Absent if it does not identify one cluster. Source: the config, or the brokers at an address. */
  clusterId?: string;
  /** Whether the command line has an address instead of a cluster name. */
  isAddressed: boolean;
}

/** If no broker responds, the lease is unknown; a cluster at an address then has no id. */
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
