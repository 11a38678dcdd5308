// What must a Kafka client library be able to do for us? Implemented once per library; the rest of the driver is shared.

import type { Broker, ConsumerGroup, PartitionOffsets, Topic } from '../../core/cluster.ts';
import type { ClusterAdmin, Io, TrafficDriver } from '../driver.ts';
import type { KafkaClusterConfig } from './config.ts';
import type { ApiRanges } from './wire/api-ranges.ts';

/** A cluster as config names it, and what its brokers were found to speak. */
export interface KafkaCluster {
  name: string;
  config: KafkaClusterConfig;
  ranges: ApiRanges;
}

export interface KafkaMetadata {
  clusterId?: string;
  controllerId?: string;
  brokers: readonly Broker[];
  topics: readonly Topic[];
}

export interface Failure {
  part: string;
  message: string;
  /** Id of the broker that did not answer, so that it is not waited for a second time. */
  unreachable?: string;
}

/** What could be read, and which parts could not. */
export interface Reading<Value> {
  value: Value;
  failures: readonly Failure[];
}

export interface TopicPartition {
  topic: string;
  partition: number;
}

/** A group and where its members are assigned; `coordinator` is the id of its coordinator where the client tells. */
export interface GroupReading extends ConsumerGroup {
  coordinator?: string;
  assigned: readonly TopicPartition[];
}

export interface CommittedOffset extends TopicPartition {
  offset: bigint;
}

/** The reads of a snapshot beside the metadata. Each fails by part, never as a whole. */
export interface ClusterReader extends AsyncDisposable {
  /** @param wanted all when absent */
  groups(metadata: KafkaMetadata, io: Io, wanted?: readonly string[]): Promise<Reading<readonly GroupReading[]>>;
  commits(
    metadata: KafkaMetadata,
    groups: readonly GroupReading[],
    io: Io,
  ): Promise<Reading<ReadonlyMap<string, readonly CommittedOffset[]>>>;
  offsets(metadata: KafkaMetadata, io: Io): Promise<Reading<readonly PartitionOffsets[]>>;
}

export interface KafkaClient {
  read(cluster: KafkaCluster, io: Io): Promise<ClusterReader>;
  traffic(cluster: KafkaCluster, io: Io): Promise<TrafficDriver>;
  administer(cluster: KafkaCluster, io: Io): Promise<ClusterAdmin>;
}
