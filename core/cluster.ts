// Defines the vocabulary of a message cluster, the same for all kinds of brokers; a RocketMQ queue is a Partition.

/** What each kind is like: core/broker-kind/. */
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
  /** As detected from what the brokers answer, such as `3.9` or `4.0+`; absent when unknown. */
  version?: string;
  /** RocketMQ, while brokers differ: `version` is the oldest. */
  newestVersion?: string;
  controllerId?: string;
  brokers: readonly Broker[];
}

interface PartitionPlace {
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
  /** Distinguishes a deleted and re-created topic from the old one; absent where the broker has none. */
  id?: string;
  internal: boolean;
  partitions: readonly Partition[];
}

export interface PartitionOffsets extends PartitionPlace {
  /** First offset still stored. */
  start?: bigint;
  /** Offset the next message will get: the high watermark. */
  end?: bigint;
  /** Kafka only: where a consumer of committed transactions must stop. */
  lastStable?: bigint;
}

export interface ConsumerGroup {
  name: string;
  /** As the broker names it: Stable, Empty, PreparingRebalance, Dead… */
  state?: string;
  members?: number;
  /** Kafka: members have joined it, so its consumers do not assign partitions to themselves. */
  hadMembers?: true;
  /** Kafka: its rebalance protocol. RocketMQ: whether the group shares the messages or every member gets all. */
  kind?: 'classic' | 'consumer' | 'share' | 'streams' | 'clustering' | 'broadcasting';
}

/** How far one group is in one partition. */
export interface ConsumerLag extends PartitionPlace {
  end: bigint;
  /** First offset still stored; a commit below it lost messages to retention. */
  start?: bigint;
  lastStable?: bigint;
  /** Absent when the group never committed here: that is a separate state, not a full lag. */
  committed?: bigint;
  /** Store time of the last message the group consumed, in milliseconds since the epoch; absent when unknown. */
  consumedStoredAtMs?: number;
  /** Kafka: time stamp of the message the group consumes next, in milliseconds since the epoch; absent when not requested. */
  nextStoredAtMs?: number;
  /** Kafka: where the message the group consumes next is or will be, past markers and aborted messages; absent where none is known. */
  nextMessageOffset?: bigint;
  /** Share groups: a message from here on may not be acknowledged, though others behind it are; absent where `committed` is as low. */
  oldestUnread?: bigint;
}

interface Client {
  /** What the client calls itself; several may call themselves alike. */
  clientId: string;
  address?: string;
  language?: string;
  version?: string;
}

export interface ProducerClient extends Client {
  group: string;
}

/** As a member counts what it did with messages of one topic. */
export interface TopicConsumption {
  topic: string;
  /** Time that its listener took for a batch, mean of the last minute; absent when it consumed nothing. */
  secondsPerBatch?: number;
  /** Messages per second of the last minute. */
  okPerSecond?: number;
  failedPerSecond?: number;
  /** Messages of the last hour; absent when there was none, or the client cannot know yet. */
  failedLastHour?: number;
}

export interface MemberClient extends Client {
  /** Unique in the group. */
  id: string;
  /** Expression by topic; absent when unknown. */
  subscriptions?: Readonly<Record<string, string>>;
  /** RocketMQ: as Java clients of the remoting protocol report; absent elsewhere. */
  consumption?: readonly TopicConsumption[];
}
