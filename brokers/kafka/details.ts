// Defines the Kafka-specific part of a snapshot: log directories, quorum, topic settings, ZooKeeper, JMX.

import type { LogDirectory, TopicSize } from './reading/log-dirs.ts';
import type { Quorum } from './reading/quorum.ts';
import type { TopicConfig } from './reading/topic-configs.ts';
import type { ZooKeeperServer } from './zookeeper/monitor.ts';

/** Figures from one broker's JMX exporter or Jolokia agent, with Plimsoll's names. */
export interface BrokerInternals {
  broker: string;
  agent: 'jolokia' | 'jmx-exporter';
  values: readonly { metric: string; labels: readonly string[]; value: number }[];
  /** Number of beans or samples above the limit, which are left out. */
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
