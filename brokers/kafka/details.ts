// Defines the Kafka-specific part of a snapshot: log directories, quorum, topic settings, ZooKeeper, JMX.

import type { LogDirectory, TopicSize } from './reading/log-dirs.ts';
import type { Quorum } from './reading/quorum.ts';
import type { TopicConfig } from './reading/topic-configs.ts';
import type { ZooKeeperServer } from './zookeeper/monitor.ts';

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
