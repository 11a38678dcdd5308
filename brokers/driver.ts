// How does Plimsoll speak to a broker? Roles of their own, so that who only reads cannot write.

import type { Cluster } from '../core/cluster.ts';
import type { ClusterLookup } from './lookup.ts';
import type { BrokerSigns } from './read-governor.ts';
import type { ClusterSnapshot } from './snapshot.ts';

export interface Io {
  signal: AbortSignal;
}

/** Read-only. The exporter holds nothing else. */
export interface ClusterInspector extends AsyncDisposable {
  describe(io: Io): Promise<Cluster>;
  /** @param wanted when given, only these topics and groups are read (the load generator's own) */
  snapshot(io: Io, wanted?: { topics?: readonly string[]; groups?: readonly string[] }): Promise<ClusterSnapshot>;
  /** What others saw of a broker's trouble, such as its machine waiting for disks: reads that can wait then do. */
  observe?(broker: string, signs: BrokerSigns): void;
}

export type Acks = 'all' | 'leader' | 'none';

/** Values that become one produce request. */
export interface OutgoingBatch {
  topic: string;
  partition: number;
  values: readonly Buffer[];
}

export interface TrafficProducer extends AsyncDisposable {
  /** Resolves when the broker acknowledged the batch (at once with acks `none`). @throws AppError as the broker answers. */
  send(batch: OutgoingBatch, io: Io): Promise<void>;
}

export interface IncomingBatch {
  topic: string;
  partition: number;
  /** Views into the client's buffer: valid during the callback only. */
  values: readonly Buffer[];
}

export interface TrafficConsumer extends AsyncDisposable {
  /** Joins the group and calls back until the signal aborts; commits what was consumed. Resolves after leaving the group. */
  run(onBatch: (batch: IncomingBatch) => void, io: Io & { onAssigned?: () => void }): Promise<void>;
}

/** A partition or queue that takes messages now. */
export interface EchoPlace {
  partition: number;
  /** Its leader; RocketMQ: the name of the broker. */
  broker: string;
}

/** Sends a value to a place and reads it there, as a member of no group. No place waits for another. */
export interface Echo extends AsyncDisposable {
  /** As the cluster says now. @throws AppError broker-refused when there is no such topic */
  places(io: Io): Promise<readonly EchoPlace[]>;
  /** Resolves when it is as safe as the broker is set to make it. @returns its offset. @throws AppError as the broker answers */
  send(place: EchoPlace, value: Buffer, io: Io): Promise<bigint>;
  /** Waits until consumers can read the offset. @returns absent when what stood there is gone. @throws AppError as the broker answers */
  read(place: EchoPlace, offset: bigint, io: Io): Promise<Buffer | undefined>;
}

/** Produces and consumes. Held by the load generator, and by the exporter's canary. */
export interface TrafficDriver extends AsyncDisposable {
  producer(options: { acks: Acks }): Promise<TrafficProducer>;
  /** New groups start at the end of the log. */
  consumer(options: { group: string; topic: string }): Promise<TrafficConsumer>;
  echo(options: { topic: string }): Promise<Echo>;
}

export interface NewTopic {
  name: string;
  partitions: number;
  replicationFactor: number;
  config?: Readonly<Record<string, string>>;
}

/** Changes a cluster. Importable from ops/, lab/, cli/ and loadgen's topic owner only. */
export interface ClusterAdmin extends AsyncDisposable {
  /** Resolves once every broker's metadata shows the topic with leaders. @throws AppError topic-conflict when it exists. */
  createTopic(topic: NewTopic, io: Io): Promise<void>;
  deleteTopic(name: string, io: Io): Promise<void>;
  deleteGroup(name: string, io: Io): Promise<void>;
}

/** Each opens its own connections and closes them when disposed. @throws AppError broker-unreachable, credentials-refused, unsupported-broker */
export interface BrokerDriver<ClusterConfig> {
  inspect(name: string, cluster: ClusterConfig, io: Io): Promise<ClusterInspector>;
  lookUp(name: string, cluster: ClusterConfig, io: Io): Promise<ClusterLookup>;
  traffic(name: string, cluster: ClusterConfig, io: Io): Promise<TrafficDriver>;
  administer(name: string, cluster: ClusterConfig, io: Io): Promise<ClusterAdmin>;
}
