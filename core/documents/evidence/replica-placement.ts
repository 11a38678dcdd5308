// Defines the placement of the replicas of a run's topics on brokers, in rows of identical partitions.

import { z } from 'zod';
import type { Partition } from '../../cluster.ts';

export const ReplicaRow = z.strictObject({
  /** Absent while the partitions have no leader. */
  leader: z.string().optional(),
  /** Broker ids, including the leader, in assignment order: Kafka elects the first that is alive and in sync. */
  replicas: z.array(z.string()),
  /** Replicas known to be out of sync; absent if there are none. */
  outOfSync: z.array(z.string()).optional(),
  /** Partitions (RocketMQ: queues) with this leader and these replicas. */
  partitions: z.number().int().positive(),
});
export type ReplicaRow = z.infer<typeof ReplicaRow>;

export function replicaRows(partitions: readonly Partition[]): ReplicaRow[] {
  const rows = new Map<string, ReplicaRow>();
  for (const { leader, replicas, inSyncReplicas, unknownReplicas } of partitions) {
    const outOfSync = replicas.filter((id) => !inSyncReplicas.includes(id) && !unknownReplicas?.includes(id));
    const row: ReplicaRow = {
      ...(leader !== undefined && { leader }),
      replicas: [...replicas],
      ...(outOfSync.length > 0 && { outOfSync }),
      partitions: 1,
    };
    const key = JSON.stringify([leader, replicas, outOfSync]);
    const known = rows.get(key);
    if (known === undefined) rows.set(key, row);
    else known.partitions += 1;
  }
  return [...rows.values()];
}
