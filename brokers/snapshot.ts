// What did a cluster look like at one moment? Collected once per scrape and shared by every collector.

import type { Cluster, ConsumerGroup, ConsumerLag, PartitionOffsets, Topic } from '../core/cluster.ts';

export interface GroupSnapshot extends ConsumerGroup {
  /** Partitions the group has committed in, or is assigned to. */
  partitions: readonly ConsumerLag[];
}

/** Committed offsets are read before end offsets, so that lag cannot be negative but for a re-created topic. */
export interface ClusterSnapshot {
  cluster: Cluster;
  topics: readonly Topic[];
  offsets: readonly PartitionOffsets[];
  groups: readonly GroupSnapshot[];
  /** Parts that could not be read: the rest is fresh all the same. */
  failures: readonly { part: string; message: string }[];
}
