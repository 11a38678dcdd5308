// Defines on-demand, read-only queries: group members, messages, settings.

import type { MemberClient, ProducerClient } from '../core/cluster.ts';
import type { ConfiguredQuota } from '../core/documents/evidence/configured-limits.ts';
import type { ClientCounts, SampleProducers } from './client-use.ts';
import type { Io } from './driver.ts';

/** A partition, or a queue of a RocketMQ broker. */
export interface PartitionRef {
  topic: string;
  partition: number;
  brokerName?: string;
}

export interface GroupMember extends MemberClient {
  /** What it reads now; absent when unknown. */
  assigned?: readonly PartitionRef[];
  /** Stack traces of its threads, where they were requested and it is a Java client. */
  stacks?: string;
}

export interface GroupMembers {
  /** How partitions are shared out, as the broker words it. */
  assignor?: string;
  members: readonly GroupMember[];
  /** Messages about what could not be read. */
  notices: readonly string[];
}

export type MessageQuestion =
  | ({ kind: 'offset'; offset: bigint; isCommittedOnly?: boolean } & PartitionRef)
  /** RocketMQ: the id of its place, or its unique key and then the topic. */
  | { kind: 'id'; id: string; topic?: string }
  /** RocketMQ: by what its sender named as keys, the newest first. */
  | { kind: 'key'; key: string; topic: string; most: number };

export interface FoundMessage extends PartitionRef {
  offset: bigint;
  /** The broker's clock, or the sender's where the topic keeps that; milliseconds since the epoch. */
  storedAtMs?: number;
  key?: Buffer;
  /** Absent for a tombstone. */
  value?: Buffer;
  /** Headers and properties, in the order stored. */
  properties: readonly (readonly [name: string, value: Buffer])[];
  /** Details that only one kind of broker reports, such as the sender's address. */
  facts: Readonly<Record<string, string>>;
}

/** Where a read of stored messages begins: with the newest ones, at the first stored since a time, or at an offset. */
export type ReadStart = { kind: 'newest' } | { kind: 'time'; atMs: number } | { kind: 'offset'; offset: bigint };

export interface StoredQuestion extends PartitionRef {
  from: ReadStart;
  /** Most messages; fewer come back where they are large. */
  most: number;
  /** Kafka: without messages of open and aborted transactions; the end is the last stable offset. */
  isCommittedOnly?: boolean;
}

/** Messages of one partition, in the order stored. */
export interface StoredMessages {
  messages: readonly FoundMessage[];
  /** Offset of the first message that is stored. */
  start?: bigint;
  /** Where the next read continues; `end` when everything was read. */
  next: bigint;
  /** Offset of the next message that is written. */
  end: bigint;
  /** Kafka, where only committed messages are wanted: more may be stored behind an open transaction. */
  isHeldBack?: boolean;
}

/** A read of stored messages stops after so many bytes of values. */
export const mostStoredBytes = 8 * 2 ** 20;

export type MessageAnswer =
  | { kind: 'found'; messages: readonly FoundMessage[] }
  /** Why there is no message: expired, not yet written, or a control record. */
  | { kind: 'not-there'; reason: string };

export const notThere = (reason: string): MessageAnswer => ({ kind: 'not-there', reason });

/** Settings of one process, secrets left out. */
export interface ProcessSettings {
  of: 'broker' | 'name-server';
  id: string;
  values: ReadonlyMap<string, string>;
}

export interface Settings {
  processes: readonly ProcessSettings[];
  /** Of settings in which siblings should be alike: what each says, by id. */
  differences: readonly { of: ProcessSettings['of']; setting: string; sides: Readonly<Record<string, string>> }[];
  notices: readonly string[];
}

/** As one name server reports it. */
export interface ServerRoutes {
  server: string;
  /** Absent when it did not answer; empty when it does not know the topic. */
  queues?: readonly { brokerName: string; readQueues: number; writeQueues: number; permission: string }[];
  brokers?: readonly { brokerName: string; addresses: readonly string[] }[];
  reason?: string;
}

export type LookupAnswer<Value> = { kind: 'answered'; value: Value } | { kind: 'unanswered'; reason: string };

export interface Producer extends ProducerClient {
  broker: string;
}

export interface TopicSettings {
  topic: string;
  /** In force, whether the topic's own or its brokers'. */
  values: ReadonlyMap<string, string>;
}

/** Bytes that each broker keeps of each topic, read now and not from a period before. */
export interface TopicSizes {
  sizes: readonly { broker: string; topic: string; bytes: bigint }[];
  /** Ids of brokers whose sizes could not be read. */
  silent: readonly string[];
  notices: readonly string[];
}

/** Quotas that brokers apply to clients of this program. */
export interface AppliedQuotas {
  quotas: readonly ConfiguredQuota[];
  /** What could not be decided, with the reason. */
  unread: readonly string[];
}

/** Opened for a question or a few; nothing that reads on a schedule holds one. */
export interface ClusterLookup extends AsyncDisposable {
  /** A group that the cluster does not know has no members. */
  members(group: string, io: Io, wanted?: { stacks?: boolean }): Promise<GroupMembers>;
  messages(question: MessageQuestion, io: Io): Promise<MessageAnswer>;
  /** @throws AppError not-found for an unknown topic */
  partitions(topic: string, io: Io): Promise<readonly PartitionRef[]>;
  /**
   * Reads stored messages without a group: no commit, no member. An offset outside of what is stored is moved to the nearest
   * that is.
   *
   * @throws AppError not-found for an unknown partition, broker-unreachable for one without leader
   */
  stored(question: StoredQuestion, io: Io): Promise<StoredMessages>;
  settings(io: Io): Promise<Settings>;
  routes(topic: string, io: Io): Promise<LookupAnswer<readonly ServerRoutes[]>>;
  producers(io: Io): Promise<LookupAnswer<{ producers: readonly Producer[]; notices: readonly string[] }>>;
  /** Kafka: those that decide about safety, retention and throttles. */
  topicSettings(io: Io): Promise<LookupAnswer<{ topics: readonly TopicSettings[]; notices: readonly string[] }>>;
  clientQuotas(io: Io): Promise<LookupAnswer<AppliedQuotas>>;
  topicSizes(io: Io): Promise<LookupAnswer<TopicSizes>>;
  /** Reads a few messages of each topic, and keeps no key, value or header. */
  sampleProducers: SampleProducers;
  /** Kafka: by the agents under `jmx`. */
  clientCounts(io: Io): Promise<LookupAnswer<ClientCounts>>;
}
