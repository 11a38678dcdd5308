// What is a message cluster made of? One vocabulary for Kafka and RocketMQ; a RocketMQ queue is a Partition.

export type BrokerKind = 'kafka' | 'rocketmq';

/** `id` is the broker id as text for Kafka, `brokerName:brokerId` for RocketMQ. */
export interface Broker {
  id: string;
  address: string;
  rack?: string;
}

export interface Cluster {
  name: string;
  kind: BrokerKind;
  /** What the cluster calls itself; absent when it does not say. */
  clusterId?: string;
  /** As detected from what the brokers answer, such as `3.9` or `4.0+`; absent when it cannot be told. */
  version?: string;
  controllerId?: string;
  brokers: readonly Broker[];
}

export interface Partition {
  topic: string;
  partition: number;
  /** Absent when the partition has no leader. */
  leader?: string;
  replicas: readonly string[];
  inSyncReplicas: readonly string[];
}

export interface Topic {
  name: string;
  internal: boolean;
  partitions: readonly Partition[];
}

export interface PartitionOffsets {
  topic: string;
  partition: number;
  /** First offset still stored. */
  start?: bigint;
  /** Offset the next message will get. */
  end?: bigint;
}

export interface ConsumerGroup {
  name: string;
  /** As the broker words it: Stable, Empty, PreparingRebalance, Dead… */
  state?: string;
  members?: number;
}

/** How far one group is in one partition. */
export interface ConsumerLag {
  topic: string;
  partition: number;
  end: bigint;
  /** Absent when the group never committed here: that is a state of its own, not a full lag. */
  committed?: bigint;
}
