// Defines on-demand, read-only queries: group members, messages, settings.

import type { MemberClient, PartitionPlace, ProducerClient } from '../core/cluster.ts';
import type { AppError } from '../core/errors.ts';
import type { ConfiguredQuota } from '../core/documents/evidence/configured-limits.ts';
import type { ClientCounts, SampleProducers } from './client-use.ts';
import type { Io } from './driver.ts';

export interface GroupMember extends MemberClient {
  /** Partitions that it reads now; absent if unknown. */
  assigned?: readonly PartitionPlace[];
  /** Stack traces of its threads, if requested and it is a Java client. */
  stacks?: string;
}

export interface GroupMembers {
  /** Assignment strategy, with the broker's name. */
  assignor?: string;
  members: readonly GroupMember[];
  /** Topics to which the members subscribe differently; absent if there are none. */
  conflicts?: readonly string[];
  /** Messages about what could not be read, and about the conflicts. */
  notices: readonly string[];
}

export const conflictNotice = (topics: readonly string[]): string =>
  `members have different subscriptions to ${topics.join(', ')}: the group misses messages`;

export type MessageQuestion =
  | ({ kind: 'offset'; offset: bigint; isCommittedOnly?: boolean } & PartitionPlace)
  /** RocketMQ: by offset message id, or by unique key and topic. */
  | { kind: 'id'; id: string; topic?: string }
  /** RocketMQ: by a key that the sender set, newest messages first. */
  | { kind: 'key'; key: string; topic: string; most: number };

export interface FoundMessage extends PartitionPlace {
  offset: bigint;
  /** Time by the broker's clock, or the sender's if the topic is configured so; milliseconds since the epoch. */
  storedAtMs?: number;
  key?: Buffer;
  /** Absent for a tombstone. */
  value?: Buffer;
  /** Headers and properties, in the order stored. */
  properties: readonly (readonly [name: string, value: Buffer])[];
  /** Details that only one kind of broker reports, such as the sender's address. */
  facts: Readonly<Record<string, string>>;
}

/** Start of a read of stored messages: the newest ones, the first stored since a time, or an offset. */
export type ReadStart = { kind: 'newest' } | { kind: 'time'; atMs: number } | { kind: 'offset'; offset: bigint };

export interface StoredQuestion extends PartitionPlace {
  from: ReadStart;
  /** Limit of messages; large messages lower it. */
  most: number;
  /** Kafka: without messages of open and aborted transactions; the end is the last stable offset. */
  isCommittedOnly?: boolean;
}

/** Messages of one partition, in the order stored. */
export interface StoredMessages {
  messages: readonly FoundMessage[];
  /** First stored offset. */
  start?: bigint;
  /** Offset at which the next read continues; `end` when everything was read. */
  next: bigint;
  /** Offset that the next message will get. */
  end: bigint;
  /** Kafka, with only committed messages: more may be stored after an open transaction. */
  isHeldBack?: boolean;
}

/** A read of stored messages stops after this many bytes of values. */
export const mostStoredBytes = 8 * 2 ** 20;

export type MessageAnswer =
  | { kind: 'found'; messages: readonly FoundMessage[] }
  /** Why there is no message: expired, not yet written, or a control record. */
  | { kind: 'not-there'; reason: string };

export const notThere = (reason: string): MessageAnswer => ({ kind: 'not-there', reason });

/** Settings of one process, without secrets. */
export interface ProcessSettings {
  of: 'broker' | 'name-server';
  id: string;
  values: ReadonlyMap<string, string>;
  /** Kafka: names of settings that were set at run time on this broker only. */
  own?: ReadonlySet<string>;
}

export interface Settings {
  processes: readonly ProcessSettings[];
  /** Differing settings of siblings that should be equal: the value of each, by id. */
  differences: readonly { of: ProcessSettings['of']; setting: string; sides: Readonly<Record<string, string>> }[];
  notices: readonly string[];
  /** Why the settings of a process could not be read, by id, brokers first. */
  unread?: ReadonlyMap<string, AppError>;
}

/** Routes of a topic on one name server. */
export interface ServerRoutes {
  server: string;
  /** Absent if it did not answer; empty if it does not have the topic. */
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
  /** Effective values, set on the topic or inherited from its brokers. */
  values: ReadonlyMap<string, string>;
}

/** Stored bytes of each topic on each broker, read now, not in an earlier period. */
export interface TopicSizes {
  sizes: readonly { broker: string; topic: string; bytes: bigint }[];
  /** Ids of brokers whose sizes could not be read. */
  silent: readonly string[];
  notices: readonly string[];
}

/** Quotas that brokers apply to clients of this program. */
export interface AppliedQuotas {
  quotas: readonly ConfiguredQuota[];
  /** What could not be determined, with the reason. */
  unread: readonly string[];
}

/** Opened for one or a few queries; scheduled reads do not use it. */
export interface ClusterLookup extends AsyncDisposable {
  /** Lists the members of a group; an unknown group has none. */
  members(group: string, io: Io, wanted?: { stacks?: boolean }): Promise<GroupMembers>;
  messages(question: MessageQuestion, io: Io): Promise<MessageAnswer>;
  /** @throws AppError not-found for an unknown topic */
  partitions(topic: string, io: Io): Promise<readonly PartitionPlace[]>;
  /**
   * Reads stored messages without a group: no commit, no member. An offset outside the stored range is moved to the
   * nearest one in it.
   *
   * @throws AppError not-found for an unknown partition, broker-unreachable for one without leader
   */
  stored(question: StoredQuestion, io: Io): Promise<StoredMessages>;
  settings(io: Io): Promise<Settings>;
  routes(topic: string, io: Io): Promise<LookupAnswer<readonly ServerRoutes[]>>;
  producers(io: Io): Promise<LookupAnswer<{ producers: readonly Producer[]; notices: readonly string[] }>>;
  /** Kafka: settings that concern safety, retention and throttling. */
  topicSettings(io: Io): Promise<LookupAnswer<{ topics: readonly TopicSettings[]; notices: readonly string[] }>>;
  clientQuotas(io: Io): Promise<LookupAnswer<AppliedQuotas>>;
  topicSizes(io: Io): Promise<LookupAnswer<TopicSizes>>;
  /** Reads a few messages of each topic, without keeping a key, value or header. */
  sampleProducers: SampleProducers;
  /** Kafka: reads the agents under `jmx`. */
  clientCounts(io: Io): Promise<LookupAnswer<ClientCounts>>;
}
