// Defines the load of a cluster for byte computations. Unknown values default to those of a busy cluster, as documented at each default.

import type { ByKind } from '../broker-kind/registry.ts';
import type { BrokerKind } from '../cluster.ts';

export const modes = {
  rocketmq: ['single', 'master-slave', 'dledger', 'controller'],
  kafka: ['kraft'],
} as const satisfies ByKind<readonly string[]>;
/** In the order of preference among equal plans. */
export const plannedKinds = Object.keys(modes) as BrokerKind[];

export type RocketmqMode = (typeof modes.rocketmq)[number];
/** `delayed` by a level, `timer` until a time (5.x). */
export type MessageKind = 'plain' | 'delayed' | 'timer' | 'transactional';
export type RocketmqClient = 'java' | 'java-binary' | 'plimsoll' | 'plimsoll-signed';

interface CommonLoad {
  /** All copies of a message, including that of the master or leader. */
  replicas: number;
  /** Consumer groups that read every message; members of one group share one copy. */
  groups: number;
  /** Members of all broadcast groups; each reads its own copy. */
  broadcastMembers?: number;
  /** Share of the messages that tag filters pass to consumers. */
  deliveredShare?: number;
  /** Share of the consumers' copies that followers serve. */
  slaveReads?: number;
  bodyBytes: number;
  keyBytes?: number;
  /** User headers: names and values on Kafka, property pairs with their separators on RocketMQ. */
  headerBytes?: number;
  /** Uncompressed over compressed size; 3 is a third of the size. */
  compressionRatio?: number;
  topicBytes: number;
  groupBytes: number;
  /** Messages per producer request. */
  messagesPerRequest?: number;
  /** Messages per pull or fetch of a consumer. */
  messagesPerPull?: number;
  /** If it varies: the smallest value seen, for the upper end of a range of bytes. */
  fewestPerPull?: number;
  /** Messages per copy to a follower: a transfer of HA, a fetch of a Kafka follower. */
  messagesPerTransfer?: number;
}

export interface RocketmqLoad extends CommonLoad {
  broker: 'rocketmq';
  mode: RocketmqMode;
  /** Major version of the brokers: 4 by default, unless the mode requires 5. */
  generation?: 4 | 5;
  /** Absent for early 4.x brokers, which do not store the name. */
  clusterNameBytes?: number;
  /** Messages per DLedger push; 1 unless enableBatchPush. */
  pushBatch?: number;
  kind?: MessageKind;
  client?: RocketmqClient;
  /** Requests per write, each with one message; 1 unless the producer does not wait for responses. */
  requestsPerWrite?: number;
  /** Responses per segment; 1 unless the producer does not wait for them. */
  answersPerSegment?: number;
}

export interface KafkaLoad extends CommonLoad {
  broker: 'kafka';
  mode: 'kraft';
  recordsPerBatch?: number;
  /** Batches, each for another partition, per produce request. */
  batchesPerRequest?: number;
}

export type ClusterLoad = RocketmqLoad | KafkaLoad;

/** Whether slaves copy a master, so that there are several copies. */
export const hasGroups = (load: ClusterLoad): load is RocketmqLoad & { mode: Exclude<RocketmqMode, 'single'> } =>
  load.mode === 'master-slave' || load.mode === 'dledger' || load.mode === 'controller';

/** Returns every combination of mode and major version with that many copies, if both are unknown. */
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
