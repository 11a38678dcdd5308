// Defines the roles that a broker driver implements. Read and write roles are separate, so a reader cannot write.

import type { Cluster } from '../core/cluster.ts';
import type { Ratio } from '../core/units.ts';
import type { Seconds } from '../core/clock.ts';
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
  /** Maximum age of a broker's runtime figures, if these are expensive to report. Default: read each time. */
  runtimeMaxAgeSeconds?: number;
  /** Reads the free space of the disks too, which RocketMQ always reports. */
  disks?: boolean;
}

export interface InspectOptions {
  /** For decisions about changes: waits for the commits of all groups, which takes Kafka before 3.0 minutes. */
  allCommits?: boolean;
}

/** Read-only. The exporter uses only this role, lookups, and a TrafficDriver for its canary. */
export interface ClusterInspector extends AsyncDisposable {
  describe(io: Io): Promise<Cluster>;
  /** @param wanted topics or groups to read; the load generator reads only those it uses */
  snapshot(io: Io, wanted?: WantedSnapshot): Promise<ClusterSnapshot>;
  /** Reports signs of trouble from other sources, such as a machine waiting for disks, so that optional reads pause. */
  observe?(broker: string, signs: BrokerSigns): void;
}

export type Acks = 'all' | 'leader' | 'none';

export const compressions = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Compression = (typeof compressions)[number];

/** Higher than any partition number: marks a message whose partition the broker does not report. */
export const unknownPartition = 2 ** 20 - 1;

/** Values of one partition that are sent together. */
export interface OutgoingBatch {
  topic: string;
  partition: number;
  values: readonly Buffer[];
  /** One key for each value, undefined for a message without a key; absent if no value has one. */
  keys?: readonly (Buffer | undefined)[];
  /** RocketMQ: tag of every message in the batch. */
  tag?: string;
  /** RocketMQ: when consumers may see it: after a delay level (1 to 18 by default), or at a time (5.x). */
  delay?: { level: number } | { untilMilliseconds: number };
}

export interface TransactionOptions {
  /** Kafka: the transactional id, which only one producer uses. */
  id: string;
  /** Kafka: messages sent within this time are committed together. RocketMQ: every message is a transaction. */
  duration: Seconds;
  /** RocketMQ: share of the messages whose outcome is sent only when the broker checks. */
  leftToCheck?: Ratio;
}

export interface ProducerOptions {
  acks: Acks;
  /** Kafka: compression of record batches. RocketMQ: of bodies, always with zlib. */
  compression?: Compression;
  /** Kafka: each batch is stored once, in the order of its sequence numbers. */
  idempotent?: boolean;
  transactions?: TransactionOptions;
  /** RocketMQ: a request for each message, or one for all of a batch (default). Kafka has batches only. */
  requests?: 'single' | 'batch';
  /** Whether sends to one partition wait for each other, so that messages are stored in the order of the sends. */
  ordered?: boolean;
}

export interface SendIo extends Io {
  /** Called when values `from` to `to` (exclusive) are acknowledged, if the client learns of some before the others. */
  onAcknowledged?: (from: number, to: number) => void;
}

export interface TrafficProducer extends AsyncDisposable {
  /**
   * Resolves when the broker has acknowledged every value: in a transaction at its commit, with acks `none` at once.
   * @throws AppError as the broker answers, for all values that were not reported as acknowledged before
   */
  send(batch: OutgoingBatch, io: SendIo): Promise<void>;
  /**
   * Kafka: aborts open transactions and refuses further batches.
   * @throws AppError when one may still be open, which blocks readers of committed messages until its timeout
   */
  endTransactions?(io: Io): Promise<void>;
  /** RocketMQ through a proxy: the proxy chooses the partition of each batch, and does not report it. */
  choosesPartition?: 'broker';
  /** RocketMQ: reads which queues accept messages. @throws AppError as the name servers answer */
  prepare?(topics: readonly string[], io: Io): Promise<void>;
  /**
   * RocketMQ: partitions of a topic to send to, including those that open later. The same array until they change;
   * undefined if all are open, or before they were read.
   */
  partitions?(topic: string): readonly number[] | undefined;
}

export interface ConsumerOptions {
  group: string;
  topic: string;
  /** Start of a group without commits (default `end`). */
  from?: 'start' | 'end';
  /** Latest start by partition: on its first assignment, a consumer starts there or before, whatever was committed. */
  notAfter?: ReadonlyMap<number, number>;
  /** When positions are committed; default each second. They are also committed on leaving, unless `never`. */
  commits?: 'each-second' | 'each-batch' | 'never';
  /** RocketMQ: pulls wait at the broker (push, default) or are repeated after a pause (pull). Kafka always waits. */
  mode?: 'push' | 'pull';
  /** Kafka: messages of open and aborted transactions are not delivered. */
  readCommitted?: boolean;
  /** Whether keys are delivered too. */
  withKeys?: boolean;
}

export interface IncomingBatch {
  topic: string;
  /** Partition, or `unknownPartition`: RocketMQ redelivers messages from another topic, with its offsets. */
  partition: number;
  /** Views into the client's buffer, valid until the callback has ended. */
  values: readonly Buffer[];
  /** Offset of each value in its partition, ascending. */
  offsets: readonly number[];
  keys?: readonly (Buffer | undefined)[];
}

/** A returned promise delays the next batch of that partition, and the commit of this one, until it resolves. */
export type OnBatch = (batch: IncomingBatch) => void | Promise<void>;

export interface TrafficConsumer extends AsyncDisposable {
  /** Joins the group and calls back until the signal aborts; commits what was consumed. Resolves after leaving the group. */
  run(onBatch: OnBatch, io: Io & { onAssigned?: () => void }): Promise<void>;
}

/** A partition or queue that accepts messages now. */
export interface EchoPosition {
  partition: number;
  /** Leader of the partition; RocketMQ: the broker name. */
  broker: string;
}

/** Sends a value to a partition and reads it there, without a group. Partitions do not wait for each other. */
export interface Echo extends AsyncDisposable {
  /** Reads the current positions. @throws AppError broker-refused when there is no such topic */
  places(io: Io): Promise<readonly EchoPosition[]>;
  /** Resolves when it is as durable as configured. @returns its offset. @throws AppError as the broker answers */
  send(place: EchoPosition, value: Buffer, io: Io): Promise<bigint>;
  /** Waits until consumers can read it. @returns undefined if it is gone. @throws AppError as the broker answers */
  read(place: EchoPosition, offset: bigint, io: Io): Promise<Buffer | undefined>;
}

/** Receives facts from answers to produce and fetch requests. */
export interface AnswerListener {
  /** Called for each answer, with 0 if not throttled; never called by a client that cannot read it or gets none. */
  onThrottleTime(time: Seconds): void;
}

/** Produces and consumes. Used by the load generator, and by the exporter's canary. */
export interface TrafficDriver extends AsyncDisposable {
  /** @throws AppError unsupported-broker for an option this broker does not have */
  producer(options: ProducerOptions, listener?: AnswerListener): Promise<TrafficProducer>;
  /** @throws AppError unsupported-broker for an option this broker does not have */
  consumer(options: ConsumerOptions, listener?: AnswerListener): Promise<TrafficConsumer>;
  echo(options: { topic: string }): Promise<Echo>;
}

export interface TrafficAccess {
  /** RocketMQ: whether producers and consumers use the cluster's gRPC proxy, if its config names one. */
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
  /** Resolves when all brokers know the topic with its leaders. @throws AppError topic-conflict if it exists */
  createTopic(topic: NewTopic, io: Io): Promise<void>;
  /**
   * RocketMQ: slaves copy the settings of topics every 10 s; if the master dies before, the topic is lost.
   *
   * @returns addresses of the registered slaves and followers that do not report the topic
   */
  slavesWithout?(topic: string, io: Io): Promise<readonly string[]>;
  deleteTopic(name: string, io: Io): Promise<void>;
  /** @param consumed RocketMQ: topics consumed through a proxy, whose retry topics are deleted too */
  deleteGroup(name: string, io: Io, consumed?: readonly string[]): Promise<void>;
}

/**
 * Opens the roles; each has separate connections and closes them when disposed. @throws AppError broker-unreachable,
 * credentials-refused, unsupported-broker
 */
export interface BrokerDriver<ClusterConfig> {
  inspect(name: string, cluster: ClusterConfig, io: Io, options?: InspectOptions): Promise<ClusterInspector>;
  lookUp(name: string, cluster: ClusterConfig, io: Io): Promise<ClusterLookup>;
  traffic(name: string, cluster: ClusterConfig, io: Io, access?: TrafficAccess): Promise<TrafficDriver>;
  administer(name: string, cluster: ClusterConfig, io: Io): Promise<ClusterAdmin>;
  /** Opens no connection yet: the first reading shows whether a broker answers. */
  watchBrokers(name: string, cluster: ClusterConfig, wanted: { topics: readonly string[] }): Promise<BrokerWatch>;
}
