// Defines a cluster snapshot, collected once per scrape and shared by all collectors.

import type { Cluster, ConsumerGroup, ConsumerLag, PartitionOffsets, Topic } from '../core/cluster.ts';
import type { KafkaDetails } from './kafka/details.ts';
import type { OffsetColumn } from './offset-column.ts';
import type { RocketmqDetails } from './rocketmq/details.ts';

/**
 * Can be iterated many times. Lags of Kafka are computed on each iteration (`brokers/kafka/inspect/lags.ts`), so that a
 * snapshot has no object for each.
 */
export interface Lags extends Iterable<ConsumerLag> {
  /** Topics of all lags, if known without iterating. */
  topics?: readonly string[];
  /** Lags with a commit, as columns, if they are stored so: this takes a fraction of the time. */
  committed?(): Iterable<CommittedColumns>;
  /** Lags whose commit is before the end, if the others can be skipped without creating them. */
  behind?(): Iterable<ConsumerLag>;
}

/** Commits of a group in one topic; related entries have the same index. */
export interface CommittedColumns {
  topic: string;
  partitions: ArrayLike<number>;
  committed: OffsetColumn;
  ends: OffsetColumn;
}

export interface CommitWithoutEnd {
  partition: number;
  brokerName?: string;
  committed: bigint;
}

export interface GroupSnapshot extends ConsumerGroup {
  /** Partitions in which the group has a commit, or that are assigned to it. */
  partitions: Lags;
  /** Commits without a lag, by topic, because the end of the partition could not be read or it has no leader. */
  withoutEnd?: ReadonlyMap<string, readonly CommitWithoutEnd[]>;
  /** Age of commits that could not be read now; the ends shown with them have the same age. */
  commitsAgeSeconds?: number;
  /** Whether all brokers answered and none listed the group: it was probably deleted, and is shown once more. */
  isUnlisted?: boolean;
}

/**
 * One part of a cluster that is read separately, with a deadline: offsets at broker 2, the runtime figures of a slave.
 * `fresh` was read for this snapshot or within its period; `kept` could not be read and shows its last good value;
 * `missing` could not be read and shows none; `skipped` got no request, to protect the broker.
 */
export interface Section {
  /** `metadata`, `offsets`, `groups`, `commits`, `log-dirs`, `runtime`…: few, the same for all clusters of a kind. */
  section: string;
  /** Id of the broker; absent for requests to the cluster as a whole. */
  broker?: string;
  kind: 'fresh' | 'kept' | 'missing' | 'skipped';
  /** Duration of the last attempt. */
  durationSeconds?: number;
  /** Age of the shown values; absent if there are none. */
  ageSeconds?: number;
  /** For a fresh section: number of parts that the broker refused, such as one partition; they have no series. */
  refused?: number;
  /** For a section that is not fresh: no connection, or no answer before the deadline. Absent if a broker refused. */
  isUnreachable?: true;
  /** Message that states why it is not fresh, or what was refused. */
  reason?: string;
  /** What to do about it. */
  hint?: string;
}

/** The certificate that expires first, of a listener's certificate and its chain. */
export interface ServerCertificate {
  address: string;
  /** Milliseconds since the epoch. */
  expiresAtMs: number;
  lifetimeSeconds: number;
}

/** Committed offsets are read before end offsets, so that lag cannot be negative, except for a re-created topic. */
export interface ClusterSnapshot {
  cluster: Cluster;
  topics: readonly Topic[];
  offsets: readonly PartitionOffsets[];
  groups: readonly GroupSnapshot[];
  sections: readonly Section[];
  /** Last readings of brokers that are no longer listed. */
  unlisted?: readonly Section[];
  /** Certificates that could be read; absent without TLS. */
  certificates?: readonly ServerCertificate[];
  /** Requests sent for this snapshot, by API or request code name. */
  requests?: Readonly<Record<string, number>>;
  /** Details of Kafka only. */
  kafka?: KafkaDetails;
  /** Details of RocketMQ only. */
  rocketmq?: RocketmqDetails;
}
