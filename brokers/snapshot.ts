// Defines a cluster snapshot, collected once per scrape and shared by all collectors.

import type { Cluster, ConsumerGroup, ConsumerLag, PartitionOffsets, Topic } from '../core/cluster.ts';
import type { KafkaDetails } from './kafka/details.ts';
import type { OffsetColumn } from './offset-column.ts';
import type { RocketmqDetails } from './rocketmq/details.ts';

/**
 * May be gone through many times. Those of Kafka are created each time (`brokers/kafka/inspect/lags.ts`), so that a snapshot
 * holds no object for each.
 */
export interface Lags extends Iterable<ConsumerLag> {
  /** Of all of them, where that is known without going through them. */
  topics?: readonly string[];
  /** Those with a commit in columns, where they are kept so: a fraction of the time of one by one. */
  committed?(): Iterable<CommittedColumns>;
  /** Only those whose commit lies below the end, where the others can be passed over without being made. */
  behind?(): Iterable<ConsumerLag>;
}

/** Commits of a group in one topic; what belongs together has the same index. */
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
  /** Partitions the group has committed in, or is assigned to. */
  partitions: Lags;
  /** By topic: commits without a lag, since the end of the partition could not be read; one without a leader is among them. */
  withoutEnd?: ReadonlyMap<string, readonly CommitWithoutEnd[]>;
  /** Of commits that could not be read now: seconds since they were, together with the ends shown beside them. */
  commitsAgeSeconds?: number;
  /** All brokers answered and none listed it: most likely it was deleted. It is shown once more. */
  isUnlisted?: boolean;
}

/**
 * One part of a cluster that is read by itself, with its own deadline: offsets at broker 2, the runtime figures of a
 * slave. `fresh` was read for this snapshot or is within the period it is read in; `kept` could not be read and shows its
 * last good value; `missing` could not be read and shows nothing; `skipped` was not asked, to spare the broker.
 */
export interface Section {
  /** `metadata`, `offsets`, `groups`, `commits`, `log-dirs`, `runtime`…: few, and the same for every cluster of a kind. */
  section: string;
  /** Id of the broker asked; absent for what the cluster answers as a whole. */
  broker?: string;
  kind: 'fresh' | 'kept' | 'missing' | 'skipped';
  /** How long the last attempt took. */
  durationSeconds?: number;
  /** Since the values shown were read; absent when there are none. */
  ageSeconds?: number;
  /** Of what is fresh: parts the broker refused, such as one partition; they have no series. */
  refused?: number;
  /** Of what is not fresh: there was no connection, or no answer before the deadline. Absent where a broker refused. */
  isUnreachable?: true;
  /** Message: why it is not fresh, or what was refused. */
  reason?: string;
  /** What to do about it. */
  hint?: string;
}

/** Of the certificate of a listener, or one of its chain: the first that expires. */
export interface ServerCertificate {
  address: string;
  /** Milliseconds since the epoch. */
  expiresAtMs: number;
  lifetimeSeconds: number;
}

/** Committed offsets are read before end offsets, so that lag cannot be negative but for a re-created topic. */
export interface ClusterSnapshot {
  cluster: Cluster;
  topics: readonly Topic[];
  offsets: readonly PartitionOffsets[];
  groups: readonly GroupSnapshot[];
  sections: readonly Section[];
  /** Those that could be read; absent without TLS. */
  certificates?: readonly ServerCertificate[];
  /** Requests this snapshot cost, by API or request code name. */
  requests?: Readonly<Record<string, number>>;
  /** What only Kafka has. */
  kafka?: KafkaDetails;
  /** What only RocketMQ has. */
  rocketmq?: RocketmqDetails;
}
