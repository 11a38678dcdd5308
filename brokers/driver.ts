// Defines the roles that a broker driver implements. Read and write roles are separate, so a reader cannot write.

import type { Cluster } from '../core/cluster.ts';
import type { Ratio, Seconds } from '../core/units.ts';
import type { BrokerWatch } from './figures/broker-reading.ts';
import type { ClusterLookup } from './lookup.ts';
import type { BrokerSigns } from './read-governor.ts';
import type { ClusterSnapshot } from './snapshot.ts';

export interface Io {
  signal: AbortSignal;
}

export interface WantedSnapshot {
  topics?: readonly string[];
  groups?: readonly string[];
  /** How old the figures of a broker about itself may be, where they cost it much to report. Default: read each time. */
  runtimeMaxAgeSeconds?: number;
}

export interface InspectOptions {
  /** For decisions about changes: a snapshot waits for the commits of all groups, which takes Kafka before 3.0 minutes. */
  allCommits?: boolean;
}

/** Read-only. The exporter holds nothing else. */
export interface ClusterInspector extends AsyncDisposable {
  describe(io: Io): Promise<Cluster>;
  /** @param wanted when it names topics or groups, only these are read (the load generator's own) */
  snapshot(io: Io, wanted?: WantedSnapshot): Promise<ClusterSnapshot>;
  /** What others saw of a broker's trouble, such as its machine waiting for disks: reads that can wait then do. */
  observe?(broker: string, signs: BrokerSigns): void;
}

export type Acks = 'all' | 'leader' | 'none';

export const compressions = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Compression = (typeof compressions)[number];

/** More partitions than a topic has: stands for a message of which the broker does not say in which partition it is. */
export const unknownPartition = 2 ** 20 - 1;

/** Values of one partition that are sent together. */
export interface OutgoingBatch {
  topic: string;
  partition: number;
  values: readonly Buffer[];
  /** One for each value, undefined for a message without a key; absent when none has one. */
  keys?: readonly (Buffer | undefined)[];
  /** RocketMQ: of every message in the batch. */
  tag?: string;
  /** RocketMQ: when consumers may see it: after a level of the broker (1 to 18 unless set), or at a moment (5.x). */
  delay?: { level: number } | { untilMilliseconds: number };
}

export interface TransactionOptions {
  /** Kafka: the transactional id, one producer's own. */
  id: string;
  /** Kafka: what is sent within so long is committed together. RocketMQ: every message is its own transaction. */
  duration: Seconds;
  /** RocketMQ: share of the messages whose outcome the broker has to ask for. */
  leftToCheck?: Ratio;
}

export interface ProducerOptions {
  acks: Acks;
  /** Kafka: of record batches. RocketMQ: of bodies, zlib whatever is named. */
  compression?: Compression;
  /** Kafka: each batch is stored once, in the order of its sequence numbers. */
  idempotent?: boolean;
  transactions?: TransactionOptions;
  /** RocketMQ: a request for each message, or one for all of a batch (default). Kafka has batches only. */
  requests?: 'single' | 'batch';
  /** Sends to one partition wait for each other, so that they are stored in the order they were sent in. */
  ordered?: boolean;
}

export interface SendIo extends Io {
  /** Called as values `from` to `to` (exclusive) are acknowledged, where an engine hears of some before the others. */
  onAcknowledged?: (from: number, to: number) => void;
}

export interface TrafficProducer extends AsyncDisposable {
  /**
   * Resolves when the broker acknowledged every value, in a transaction when that is committed (at once with acks `none`).
   * @throws AppError as the broker answers, for all that was not said to be acknowledged before
   */
  send(batch: OutgoingBatch, io: SendIo): Promise<void>;
  /**
   * Kafka: aborts the transactions that are open and takes nothing more.
   * @throws AppError when one may still be open, which keeps readers of committed messages waiting until its timeout
   */
  endTransactions?(io: Io): Promise<void>;
  /** RocketMQ through a proxy: it chooses the partition of each batch, and does not report which. */
  choosesPartition?: 'broker';
  /** RocketMQ: reads which queues take messages. @throws AppError as the name servers answer */
  prepare?(topics: readonly string[], io: Io): Promise<void>;
  /**
   * RocketMQ: partitions of a topic to send to, those that it gets later included. The same array until that changes; undefined
   * where all are, or before they were read.
   */
  partitions?(topic: string): readonly number[] | undefined;
}

export interface ConsumerOptions {
  group: string;
  topic: string;
  /** Where a group without commits starts (default `end`). */
  from?: 'start' | 'end';
  /** By partition: a consumer that gets it for the first time starts there at the latest, whatever the group committed. */
  notAfter?: ReadonlyMap<number, number>;
  /** When positions are committed (default each second; always on leaving unless never). */
  commits?: 'each-second' | 'each-batch' | 'never';
  /** RocketMQ: pulls wait at the broker (push, default) or are repeated after a pause (pull). Kafka always waits. */
  mode?: 'push' | 'pull';
  /** Kafka: messages of open and aborted transactions are not delivered. */
  readCommitted?: boolean;
  /** Keys are delivered too. */
  withKeys?: boolean;
}

export interface IncomingBatch {
  topic: string;
  /** Or `unknownPartition`: RocketMQ delivers a message again from another topic, with an offset of that one. */
  partition: number;
  /** Views into the client's buffer: valid until the callback is through. */
  values: readonly Buffer[];
  /** Of each value in its partition, rising. */
  offsets: readonly number[];
  keys?: readonly (Buffer | undefined)[];
}

/** A promise holds up the next batch of that partition, and the commit of this one, until it resolves. */
export type OnBatch = (batch: IncomingBatch) => void | Promise<void>;

export interface TrafficConsumer extends AsyncDisposable {
  /** Joins the group and calls back until the signal aborts; commits what was consumed. Resolves after leaving the group. */
  run(onBatch: OnBatch, io: Io & { onAssigned?: () => void }): Promise<void>;
}

/** A partition or queue that takes messages now. */
export interface EchoPosition {
  partition: number;
  /** Its leader; RocketMQ: the name of the broker. */
  broker: string;
}

/** Sends a value to a place and reads it there, as a member of no group. No place waits for another. */
export interface Echo extends AsyncDisposable {
  /** As the cluster says now. @throws AppError broker-refused when there is no such topic */
  places(io: Io): Promise<readonly EchoPosition[]>;
  /** Resolves when it is as safe as the broker is set to make it. @returns its offset. @throws AppError as the broker answers */
  send(place: EchoPosition, value: Buffer, io: Io): Promise<bigint>;
  /** Waits until consumers can read the offset. @returns absent when what stood there is gone. @throws AppError as the broker answers */
  read(place: EchoPosition, offset: bigint, io: Io): Promise<Buffer | undefined>;
}

/** Called about answers to produce and fetch requests, beside what becomes of each request. */
export interface AnswerListener {
  /** Of each answer, 0 where the broker did not throttle. Never called by a client that cannot read it, or gets no answers. */
  onThrottleTime(time: Seconds): void;
}

/** Produces and consumes. Held by the load generator, and by the exporter's canary. */
export interface TrafficDriver extends AsyncDisposable {
  /** @throws AppError unsupported-broker for an option this broker does not have */
  producer(options: ProducerOptions, listener?: AnswerListener): Promise<TrafficProducer>;
  /** @throws AppError unsupported-broker for an option this broker does not have */
  consumer(options: ConsumerOptions, listener?: AnswerListener): Promise<TrafficConsumer>;
  echo(options: { topic: string }): Promise<Echo>;
}

export interface TrafficAccess {
  /** RocketMQ: producers and consumers go through the cluster's gRPC proxy, where its config names one. */
  throughProxy?: boolean;
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
  /**
   * RocketMQ: slaves take over the settings of topics every 10 s, and a topic whose master dies before is gone with it.
   *
   * @returns addresses of the registered slaves and followers that do not say they have the topic
   */
  slavesWithout?(topic: string, io: Io): Promise<readonly string[]>;
  deleteTopic(name: string, io: Io): Promise<void>;
  /** @param consumed RocketMQ: what it consumed through a proxy; the topics that brokers redelivered from go too */
  deleteGroup(name: string, io: Io, consumed?: readonly string[]): Promise<void>;
}

/** Each opens its own connections and closes them when disposed. @throws AppError broker-unreachable, credentials-refused, unsupported-broker */
export interface BrokerDriver<ClusterConfig> {
  inspect(name: string, cluster: ClusterConfig, io: Io, options?: InspectOptions): Promise<ClusterInspector>;
  lookUp(name: string, cluster: ClusterConfig, io: Io): Promise<ClusterLookup>;
  traffic(name: string, cluster: ClusterConfig, io: Io, access?: TrafficAccess): Promise<TrafficDriver>;
  administer(name: string, cluster: ClusterConfig, io: Io): Promise<ClusterAdmin>;
  /** Opens nothing yet: the first reading shows whether a broker answers. */
  watchBrokers(name: string, cluster: ClusterConfig, wanted: { topics: readonly string[] }): Promise<BrokerWatch>;
}
