// Defines the load of a cluster that bytes are computed for. What is unknown has the value of a busy cluster, named where it is filled in.

export const modes = {
  rocketmq: ['single', 'master-slave', 'dledger', 'controller'],
  kafka: ['kraft'],
} as const;

export type RocketmqMode = (typeof modes.rocketmq)[number];
export type MessageKind = 'plain' | 'delayed' | 'transactional';
export type RocketmqClient = 'java' | 'java-binary' | 'plimsoll' | 'plimsoll-signed';

interface CommonLoad {
  /** All copies of a message, the master's or leader's own included. */
  replicas: number;
  /** Consumer groups that read every message; members of one group share one copy. */
  groups: number;
  /** Of all broadcast groups together: each member reads its own copy. */
  broadcastMembers?: number;
  /** Share of the messages that tags let through to consumers. */
  deliveredShare?: number;
  /** Share of the copies for consumers that followers serve. */
  slaveReads?: number;
  bodyBytes: number;
  keyBytes?: number;
  /** Headers of the user: on Kafka names and values, on RocketMQ pairs of properties with their separators. */
  headerBytes?: number;
  /** Plain over packed; 3 is a third of the size. */
  compressionRatio?: number;
  topicBytes: number;
  groupBytes: number;
  /** Messages of one request of a producer. */
  messagesPerRequest?: number;
  /** Messages of one pull or fetch of a consumer. */
  messagesPerPull?: number;
  /** Where it varies: the fewest that were seen in one, by which a span of bytes ends. */
  fewestPerPull?: number;
  /** Messages that one copy to a follower holds: a transfer of HA, a fetch of a Kafka follower. */
  messagesPerTransfer?: number;
}

export interface RocketmqLoad extends CommonLoad {
  broker: 'rocketmq';
  mode: RocketmqMode;
  /** Of the brokers' release, 4 unless the mode came with 5. */
  generation?: 4 | 5;
  /** Absent for early 4.x brokers, which do not store the name. */
  clusterNameBytes?: number;
  /** Messages of one DLedger push; one unless enableBatchPush. */
  pushBatch?: number;
  kind?: MessageKind;
  client?: RocketmqClient;
  /** Requests that a producer writes together, each a separate message; one unless it does not wait for answers. */
  requestsPerWrite?: number;
  /** Answers that travel in one segment; one unless the producer does not wait for them. */
  answersPerSegment?: number;
}

export interface KafkaLoad extends CommonLoad {
  broker: 'kafka';
  mode: 'kraft';
  recordsPerBatch?: number;
  /** Batches, each of another partition, of one produce request. */
  batchesPerRequest?: number;
}

export type ClusterLoad = RocketmqLoad | KafkaLoad;

/** Whether slaves copy a master, so that there is more than one copy. */
export const hasGroups = (load: ClusterLoad): load is RocketmqLoad & { mode: Exclude<RocketmqMode, 'single'> } =>
  load.mode === 'master-slave' || load.mode === 'dledger' || load.mode === 'controller';

/** Neither the mode nor the generation of a release may be known: every combination with that many copies. */
export function rocketmqVariants(replicas: number) {
  const fitting = replicas === 1 ? (['single'] as const) : (['master-slave', 'dledger', 'controller'] as const);
  return fitting.flatMap((mode) =>
    ([4, 5] as const).map((generation) => ({ broker: 'rocketmq', mode, generation, replicas }) as const),
  );
}

export const generationOf = ({ generation, mode }: RocketmqLoad): 4 | 5 =>
  generation ?? (mode === 'controller' ? 5 : 4);

/** Copies that leave the master for consumers, per business message. */
export function copiesForConsumers(load: CommonLoad): number {
  const { groups, broadcastMembers = 0, deliveredShare = 1, slaveReads = 0 } = load;
  return (groups + broadcastMembers) * deliveredShare * (1 - slaveReads);
}
