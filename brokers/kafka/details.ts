// Defines the Kafka-specific part of a snapshot: log directories, quorum, topic settings, ZooKeeper, JMX.

/** One log directory of one broker. */
export interface LogDirectory {
  broker: string;
  path: string;
  /** Of the file system it lies on; absent before DescribeLogDirs 4 (Kafka 3.3). */
  totalBytes?: bigint;
  usableBytes?: bigint;
  /** The broker's own error name, when the directory is offline. */
  error?: string;
}

/** What the replicas of one topic take on one broker. */
export interface TopicSize {
  broker: string;
  topic: string;
  bytes: bigint;
  /** Bytes of replicas being moved here. */
  futureBytes: bigint;
}

/** The controller quorum of KRaft. */
export interface Quorum {
  leader: string;
  epoch: number;
  highWatermark: bigint;
  voters: readonly QuorumReplica[];
  observers: readonly QuorumReplica[];
}

export interface QuorumReplica {
  id: string;
  logEnd: bigint;
  lastCaughtUpMs?: number;
}

export interface TopicConfig {
  topic: string;
  minInSyncReplicas?: number;
  /** Set for this very topic, in place of the brokers' own limit. */
  ownMaxMessageBytes?: number;
  retentionMs?: bigint;
  retentionBytes?: bigint;
  cleanupPolicy?: string;
  /** Old segments are in remote storage (Kafka 3.6 and later, Confluent Platform). */
  isTiered?: true;
}

/** One server of the ensemble, from `mntr` or its admin server. */
export interface ZooKeeperServer {
  address: string;
  state?: string;
  averageLatencyMs?: number;
  maximumLatencyMs?: number;
  outstandingRequests?: number;
  connections?: number;
  watches?: number;
  znodes?: number;
  expiredSessions?: number;
  /** Of a leader of 3.6 and later: older ones count observers as followers. */
  followers?: number;
  /** Of a leader: followers and observers. */
  learners?: number;
  syncedFollowers?: number;
}

/** Figures out of one broker's JMX exporter or Jolokia agent, under our stable names. */
export interface BrokerInternals {
  broker: string;
  agent: 'jolokia' | 'jmx-exporter';
  values: readonly { metric: string; labels: readonly string[]; value: number }[];
  /** Beans or samples past the cap, left out. */
  dropped: number;
}

export interface KafkaDetails {
  /** Ids of all brokers in the replica list of a partition, registered or not; absent if no topic is visible. */
  replicaHolders?: readonly string[];
  logDirectories: readonly LogDirectory[];
  topicSizes: readonly TopicSize[];
  quorum?: Quorum;
  topicConfigs: readonly TopicConfig[];
  zooKeeper: readonly ZooKeeperServer[];
  internals: readonly BrokerInternals[];
}
