// Defines the vocabulary of a message cluster, the same for all kinds of brokers; a RocketMQ queue is a Partition.

/** core/broker-kind/ describes each kind. */
export const brokerKinds = ['kafka', 'rocketmq'] as const;
export type BrokerKind = (typeof brokerKinds)[number];

export const isBrokerKind = (name: unknown): name is BrokerKind => brokerKinds.some((kind) => kind === name);

/** `id` is the broker id as text for Kafka, `brokerName:brokerId` for RocketMQ. */
export interface Broker {
  id: string;
  address: string;
  rack?: string;
}

export interface Cluster {
  name: string;
  kind: BrokerKind;
  /** Id that the cluster reports; absent if it reports none. */
  clusterId?: string;
  /** Version derived from the brokers' responses, such as `3.9` or `4.0+`; absent if unknown. */
  version?: string;
  /** RocketMQ, while brokers run different versions; `version` is then the oldest. */
  newestVersion?: string;
  controllerId?: string;
  brokers: readonly Broker[];
}

export interface PartitionPlace {
  topic: string;
  partition: number;
  /** RocketMQ only: queue ids restart at 0 for each broker name (a master and its slaves). */
  brokerName?: string;
}

export interface Partition extends PartitionPlace {
  /** Absent when the partition has no leader. */
  leader?: string;
  replicas: readonly string[];
  inSyncReplicas: readonly string[];
  /** RocketMQ only: replicas that did not answer, so that they may be in sync or not; absent when all are known. */
  unknownReplicas?: readonly string[];
}

export interface Topic {
  name: string;
  /** Distinguishes a re-created topic from the deleted one; absent if the broker provides no id. */
  id?: string;
  internal: boolean;
  partitions: readonly Partition[];
}

export interface PartitionOffsets extends PartitionPlace {
  /** First offset still stored. */
  start?: bigint;
  /** Offset the next message will get: the high watermark. */
  end?: bigint;
  /** Kafka only: last stable offset, where read-committed consumers stop. */
  lastStable?: bigint;
}

export interface ConsumerGroup {
  name: string;
  /** State as the broker names it: Stable, Empty, PreparingRebalance, Dead… */
  state?: string;
  members?: number;
  /** Kafka: members have joined it, so its consumers do not assign partitions to themselves. */
  hadMembers?: true;
  /** Kafka: its rebalance protocol. RocketMQ: whether the group shares the messages or every member gets all. */
  kind?: 'classic' | 'consumer' | 'share' | 'streams' | 'clustering' | 'broadcasting';
}

/** Progress of one group in one partition. */
export interface ConsumerLag extends PartitionPlace {
  end: bigint;
  /** First offset still stored; a commit below it lost messages to retention. */
  start?: bigint;
  lastStable?: bigint;
  /** Absent if the group never committed here, which is not the same as lagging by the whole log. */
  committed?: bigint;
  /** Store time of the last message the group consumed, in milliseconds since the epoch; absent when unknown. */
  consumedStoredAtMs?: number;
  /** Kafka: time stamp of the message the group consumes next, in milliseconds since the epoch; absent when not requested. */
  nextStoredAtMs?: number;
  /** Kafka: offset of the next message the group consumes, after control records and aborted messages; absent if unknown. */
  nextMessageOffset?: bigint;
  /** Share groups: oldest offset that may be unacknowledged, although later ones are acknowledged; absent if not above `committed`. */
  oldestUnread?: bigint;
}

interface Client {
  /** Client id; not unique. */
  clientId: string;
  address?: string;
  language?: string;
  version?: string;
}

export interface ProducerClient extends Client {
  group: string;
}

/** What a member consumed of one topic, by its own counters. */
export interface TopicConsumption {
  topic: string;
  /** Time per batch in its listener, mean of the last minute; absent if it consumed nothing. */
  secondsPerBatch?: number;
  /** Messages per second over the last minute. */
  okPerSecond?: number;
  failedPerSecond?: number;
  /** Messages of the last hour; absent if there were none, or if the client cannot report them yet. */
  failedLastHour?: number;
}

export interface MemberClient extends Client {
  /** Unique in the group. */
  id: string;
  /** Filter expression by topic; absent if unknown. */
  subscriptions?: Readonly<Record<string, string>>;
  /** RocketMQ: reported by Java clients of the remoting protocol; otherwise absent. */
  consumption?: readonly TopicConsumption[];
}
