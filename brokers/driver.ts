// How does Plimsoll speak to a broker? Roles of their own, so that who only reads cannot write.

import type { Cluster } from '../core/cluster.ts';
import type { ClusterLookup } from './lookup.ts';
import type { ClusterSnapshot } from './snapshot.ts';

export interface Io {
  signal: AbortSignal;
}

/** Read-only. The exporter holds nothing else. */
export interface ClusterInspector extends AsyncDisposable {
  describe(io: Io): Promise<Cluster>;
  /** @param wanted when given, only these topics and groups are read (the load generator's own) */
  snapshot(io: Io, wanted?: { topics?: readonly string[]; groups?: readonly string[] }): Promise<ClusterSnapshot>;
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

/** Produces and consumes. Held by the load generator. */
export interface TrafficDriver extends AsyncDisposable {
  producer(options: { acks: Acks }): Promise<TrafficProducer>;
  /** New groups start at the end of the log. */
  consumer(options: { group: string; topic: string }): Promise<TrafficConsumer>;
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
