// Defines what a Kafka client library implements; inspection and the rest of the driver are shared.

import type { Cluster, Topic } from '../../core/cluster.ts';
import type { Io, TrafficDriver } from '../driver.ts';
import type { KafkaClusterConfig } from './config.ts';
import type { ApiRanges } from './wire/links.ts';

/** A cluster from the config, with the API versions that its brokers support. */
export interface KafkaCluster {
  name: string;
  config: KafkaClusterConfig;
  ranges: ApiRanges;
}

export interface KafkaMetadata extends Pick<Cluster, 'clusterId' | 'controllerId' | 'brokers'> {
  topics: readonly Topic[];
  /** The user may not see the topic that shows whether there are transactions. */
  hidesTransactions?: true;
}

export interface KafkaClient {
  traffic(cluster: KafkaCluster, io: Io): Promise<Omit<TrafficDriver, 'echo'>>;
}
