// Reads a cluster once, with all groups and their commits.

import { driverOf } from '../../../brokers/registry.ts';
import type { Io } from '../../../brokers/driver.ts';
import type { ClusterSnapshot } from '../../../brokers/snapshot.ts';
import type { NamedEntry } from '../../observe/named-cluster.ts';

export async function wholeSnapshot({ name, config }: NamedEntry, io: Io): Promise<ClusterSnapshot> {
  await using inspector = await driverOf(config).inspect(name, config, io, { allCommits: true });
  return await inspector.snapshot(io);
}
