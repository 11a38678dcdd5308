// Computes message and byte rates of topics, groups and brokers between two readings. A rate that cannot be known is absent.

import { traitsOf } from '../../core/broker-kind/registry.ts';
import type { Partition } from '../../core/cluster.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { parseRuntimeInfo } from '../../brokers/rocketmq/runtime-info.ts';
import { commitGrowth, observeCommits, type KnownCommits } from '../../brokers/delta/commit-growth.ts';
import { logGrowth, observeLogs, type KnownLogs } from '../../brokers/delta/log-growth.ts';
import type { PartitionRef } from '../../brokers/lookup.ts';
import { partitionKey } from '../../brokers/delta/partition-key.ts';
import { busiestOf, type MachineLoad, type MachineSample } from './machine-load.ts';

export interface TopicSize {
  broker: string;
  topic: string;
  bytes: bigint;
}

export interface Reading {
  /** Of a clock that never steps. */
  atSeconds: number;
  snapshot: ClusterSnapshot;
  /** Where the bytes of a topic are those of its log: Kafka. */
  sizes?: readonly TopicSize[];
  /** By broker id, where the config names its host. */
  machines?: ReadonlyMap<string, MachineSample>;
  /** What this and earlier readings know of ends and commits, each with its time. Default: what this one alone knows. */
  known?: KnownOffsets;
}

interface KnownOffsets {
  logs: KnownLogs;
  commits: KnownCommits;
}

export const observeOffsets = (reading: Reading, before?: KnownOffsets): KnownOffsets => ({
  logs: observeLogs(reading, before?.logs),
  commits: observeCommits(reading, before?.commits),
});

/**
 * Where bytes come from. `counter`: counted by the broker in this interval. `log-growth`: by how much the log grew, without its
 * copies. `minute-mean`: messages of this interval by the mean size of the broker's last minute. `mean-size`: by the mean size of
 * what is stored, or of all that the broker stored in this interval.
 */
export type BytesMethod = 'counter' | 'log-growth' | 'minute-mean' | 'mean-size';

export interface Flow {
  messagesPerSecond: number;
  bytesPerSecond?: number;
  method?: BytesMethod;
}

/** Of the partitions of a topic that one broker leads. */
export interface TopicFlow extends Flow {
  topic: string;
  broker: string;
}

/** From commits: a group that reads without committing has rate 0. */
export interface GroupFlow extends Flow, PartitionRef {
  group: string;
  broker: string;
}

export interface BrokerFlow {
  broker: string;
  /** Without messages where an end of this broker's logs could not be read. */
  written: Partial<Flow>;
  /** By groups that commit; followers are not in it. Without messages where commits could not be read. */
  read: Partial<Flow>;
  /** The busiest resource of its machine; absent when that is not read. */
  machine?: MachineLoad;
}

export interface Rates {
  seconds: number;
  topics: readonly TopicFlow[];
  groups: readonly GroupFlow[];
  brokers: readonly BrokerFlow[];
  /** Topics without a known rate at these brokers, where they have partitions. */
  unknown: readonly { topic: string; broker: string }[];
}

type MeanSize = { bytes: number; method: BytesMethod } | undefined;

/** Topics move by their end offsets, groups by their commits (brokers/delta/). */
export function ratesBetween(before: Reading, after: Reading): Rates {
  const seconds = after.atSeconds - before.atSeconds;
  if (!(seconds > 0)) return { seconds: 0, topics: [], groups: [], brokers: [], unknown: [] };
  const known = before.known ?? observeOffsets(before);
  const now = after.known ?? observeOffsets(after, known);
  const { written, unknown } = messagesWritten(known.logs, now.logs);
  const sizes = meanSizes(before, after, written);

  const topics = written.map(({ topic, broker, messagesPerSecond }): TopicFlow => ({
    topic,
    broker,
    ...flowOf(messagesPerSecond, sizes.ofTopic(topic, broker)),
  }));
  const groups = [...commitsMoved(known.commits, now.commits, after.snapshot)].map(
    ({ messagesPerSecond, ...each }): GroupFlow => ({
      ...each,
      ...flowOf(messagesPerSecond, sizes.ofGroup(each.group, each.topic, each.broker)),
    }),
  );
  const areCommitsRead = commitsReadAt(after.snapshot);
  const brokers = after.snapshot.cluster.brokers.map(({ id }): BrokerFlow => {
    const counted = countedBytes(before, after, id);
    const ownTopics = topics.filter(({ broker }) => broker === id);
    const ownGroups = groups.filter(({ broker }) => broker === id);
    const [from, to] = [before.machines?.get(id), after.machines?.get(id)];
    const machine = from && to && busiestOf(from, to);
    return {
      broker: id,
      written: {
        ...(!unknown.some(({ broker }) => broker === id) && sumOf(ownTopics)),
        ...counterOf(counted.written, seconds),
      },
      read: { ...(areCommitsRead(id) && sumOf(ownGroups)), ...counterOf(counted.read, seconds) },
      ...(machine !== undefined && { machine }),
    };
  });
  return { seconds, topics, groups, brokers, unknown };
}

/** Kafka: any broker may coordinate a group that reads here. RocketMQ: the broker itself keeps the commits. */
function commitsReadAt({ cluster, sections }: ClusterSnapshot): (broker: string) => boolean {
  const unread = sections.filter(
    ({ section, kind }) => (section === 'commits' || section === 'groups') && kind !== 'fresh',
  );
  if (traitsOf(cluster.kind).commitsAt === 'any-broker') return () => unread.length === 0;
  return (id) => !unread.some(({ broker, section }) => section === 'commits' && broker === id);
}

function flowOf(messagesPerSecond: number, size: MeanSize): Flow {
  if (messagesPerSecond === 0) return { messagesPerSecond, bytesPerSecond: 0 };
  if (size === undefined) return { messagesPerSecond };
  return { messagesPerSecond, bytesPerSecond: messagesPerSecond * size.bytes, method: size.method };
}

/** Bytes only when those of every part are known; the weakest method of them all. */
export function sumOf(flows: readonly Flow[]): Flow {
  const messagesPerSecond = flows.reduce((sum, each) => sum + each.messagesPerSecond, 0);
  if (flows.some(({ bytesPerSecond }) => bytesPerSecond === undefined)) return { messagesPerSecond };
  const method = methods.findLast((each) => flows.some((flow) => flow.method === each));
  return {
    messagesPerSecond,
    bytesPerSecond: flows.reduce((sum, each) => sum + (each.bytesPerSecond ?? 0), 0),
    ...(method !== undefined && { method }),
  };
}

/** The strongest first. */
const methods: readonly BytesMethod[] = ['counter', 'log-growth', 'minute-mean', 'mean-size'];

interface Moved {
  topic: string;
  broker: string;
  messages: number;
  messagesPerSecond: number;
  /** Between the readings of its ends. */
  seconds: number;
}

/** A topic has a rate at a broker when the growth of all its partitions there is known. */
function messagesWritten(before: KnownLogs, after: KnownLogs): { written: Moved[]; unknown: Rates['unknown'] } {
  const moved = new Map<string, Moved>();
  const unknown = new Map<string, Rates['unknown'][number]>();
  for (const growth of logGrowth(before, after)) {
    const { topic, leader: broker } = growth;
    if (broker === undefined) continue;
    const key = `${topic}\u0000${broker}`;
    if (growth.kind === 'unknown') {
      unknown.set(key, { topic, broker });
      continue;
    }
    const entry = moved.get(key) ?? { topic, broker, messages: 0, messagesPerSecond: 0, seconds: growth.seconds };
    entry.messages += growth.messages;
    entry.messagesPerSecond += growth.messages / growth.seconds;
    moved.set(key, entry);
  }
  const written = [...moved].flatMap(([key, entry]) => (unknown.has(key) ? [] : [entry]));
  return { written, unknown: [...unknown.values()] };
}

function* commitsMoved(before: KnownCommits, after: KnownCommits, { topics }: ClusterSnapshot) {
  const partitions = new Map(topics.flatMap((topic) => topic.partitions).map((each) => [partitionKey(each), each]));
  for (const { messages, seconds, ...each } of commitGrowth(before, after)) {
    const broker = partitions.get(partitionKey(each))?.leader;
    if (broker !== undefined) yield { ...each, broker, messagesPerSecond: messages / seconds };
  }
}

function meanSizes(before: Reading, after: Reading, written: readonly Moved[]) {
  const { rocketmq } = after.snapshot;
  if (rocketmq === undefined) {
    // Sizes grew between the two readings: they do not apply to messages that were counted over another time.
    const seconds = after.atSeconds - before.atSeconds;
    const late = new Set(written.filter((each) => Math.abs(each.seconds - seconds) > 0.5).map(({ topic }) => topic));
    const ofTopic = growthSizes(
      before,
      after,
      written.filter(({ topic }) => !late.has(topic)),
    );
    const stored = storedSizes(after);
    return {
      ofTopic: (topic: string): MeanSize => ofTopic.get(topic) ?? stored.get(topic),
      ofGroup: (_: string, topic: string): MeanSize => stored.get(topic),
    };
  }
  const ofBroker = new Map(
    rocketmq.brokers.map(({ id }) => {
      const { putBytes, putMessages } = countersOf(before, after, id);
      const isKnown = putBytes !== undefined && putMessages !== undefined && putMessages > 0;
      const size: MeanSize = isKnown ? { bytes: putBytes / putMessages, method: 'mean-size' } : undefined;
      return [id, { size, putMessages: putMessages ?? 0 }] as const;
    }),
  );
  const ofTopic = (topic: string, broker: string): MeanSize => {
    const { size, putMessages = 0 } = ofBroker.get(broker) ?? {};
    const own = written.find((each) => each.topic === topic && each.broker === broker)?.messages ?? 0;
    // The minute may hold messages of another size, written before this interval.
    if (size !== undefined && own >= nearlyAll * putMessages) return size;
    return minuteMean(rocketmq.topicTraffic.find((each) => each.topic === topic && each.broker === broker)) ?? size;
  };
  return {
    ofTopic,
    ofGroup: (group: string, topic: string, broker: string): MeanSize =>
      minuteMean(
        rocketmq.groupTraffic.find((each) => each.group === group && each.topic === topic && each.broker === broker),
      ) ?? ofTopic(topic, broker),
  };
}

/** Of the messages that a broker stored in the interval: their mean size is that of the topic. */
const nearlyAll = 0.9;

function minuteMean(traffic: { messagesPerSecond?: number; bytesPerSecond?: number } | undefined): MeanSize {
  const { messagesPerSecond = 0, bytesPerSecond = 0 } = traffic ?? {};
  if (messagesPerSecond <= 0 || bytesPerSecond <= 0) return undefined;
  return { bytes: bytesPerSecond / messagesPerSecond, method: 'minute-mean' };
}

/** A log that shrank lost old messages meanwhile: its growth is unknown. */
function growthSizes({ sizes: before = [] }: Reading, after: Reading, written: readonly Moved[]) {
  const keyOf = ({ topic, broker }: TopicSize) => `${topic}\u0000${broker}`;
  const earlier = new Map(before.map((each) => [keyOf(each), each.bytes]));
  const copies = new Map(after.snapshot.topics.map(({ name, partitions }) => [name, meanCopies(partitions)]));
  const messages = new Map<string, number>();
  for (const each of written) messages.set(each.topic, (messages.get(each.topic) ?? 0) + each.messages);
  const means = new Map<string, MeanSize>();
  for (const [topic, sizes] of Map.groupBy(after.sizes ?? [], (each) => each.topic)) {
    const grown = sizes.map((each) => Number(each.bytes - (earlier.get(keyOf(each)) ?? each.bytes)));
    const [count, copyCount] = [messages.get(topic) ?? 0, copies.get(topic) ?? 0];
    const total = grown.reduce((sum, each) => sum + each, 0);
    if (count === 0 || copyCount === 0 || total <= 0 || grown.some((each) => each < 0)) continue;
    means.set(topic, { bytes: total / copyCount / count, method: 'log-growth' });
  }
  return means;
}

function storedSizes({ sizes = [], snapshot }: Reading) {
  const stored = new Map<string, number>();
  const copies = new Map(snapshot.topics.map(({ name, partitions }) => [name, meanCopies(partitions)]));
  for (const { topic, start, end } of snapshot.offsets) {
    if (start !== undefined && end !== undefined) stored.set(topic, (stored.get(topic) ?? 0) + Number(end - start));
  }
  const means = new Map<string, MeanSize>();
  for (const [topic, own] of Map.groupBy(sizes, (each) => each.topic)) {
    const bytes = Number(own.reduce((sum, each) => sum + each.bytes, 0n));
    const [count, copyCount] = [stored.get(topic) ?? 0, copies.get(topic) ?? 0];
    if (count > 0 && copyCount > 0) means.set(topic, { bytes: bytes / copyCount / count, method: 'mean-size' });
  }
  return means;
}

const meanCopies = (partitions: readonly Partition[]) =>
  partitions.length === 0 ? 0 : partitions.reduce((sum, { replicas }) => sum + replicas.length, 0) / partitions.length;

function countersOf(before: Reading, after: Reading, broker: string) {
  const [from, to] = [before, after].map(({ snapshot }) =>
    parseRuntimeInfo(snapshot.rocketmq?.brokers.find(({ id }) => id === broker)?.runtime),
  );
  return {
    putBytes: difference(from?.putBytes, to?.putBytes),
    putMessages: difference(from?.putMessages, to?.putMessages),
  };
}

/** As the broker itself counted. */
function countedBytes(before: Reading, after: Reading, broker: string): { written?: number; read?: number } {
  if (after.snapshot.rocketmq !== undefined) {
    const { putBytes } = countersOf(before, after, broker);
    return putBytes === undefined ? {} : { written: putBytes };
  }
  const of = (metric: string) => difference(counterIn(before, broker, metric), counterIn(after, broker, metric));
  const [written, read] = [of('kafka_broker_bytes_in_total'), of('kafka_broker_bytes_out_total')];
  return { ...(written !== undefined && { written }), ...(read !== undefined && { read }) };
}

const counterIn = ({ snapshot }: Reading, broker: string, metric: string) =>
  snapshot.kafka?.internals.find((each) => each.broker === broker)?.values.find((each) => each.metric === metric)
    ?.value;

/** Absent after a restart, which sets counters back. */
function difference(from: number | bigint | undefined, to: number | bigint | undefined): number | undefined {
  if (from === undefined || to === undefined || to < from) return undefined;
  return Number(to) - Number(from);
}

const counterOf = (bytes: number | undefined, seconds: number): Partial<Flow> =>
  bytes === undefined ? {} : { bytesPerSecond: bytes / seconds, method: 'counter' };
