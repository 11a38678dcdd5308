// Computes message and byte rates of topics, groups and brokers between two readings. Unknown rates are absent.

import { traitsOf } from '../../core/broker-kind/registry.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { counterGrowth, type CounterGrowth } from '../../brokers/delta/counter-growth.ts';
import { areCommitsFresh, commitGrowth, type KnownCommits, observeCommits } from '../../brokers/delta/commit-growth.ts';
import { type KnownLogs, logGrowth, observeLogs } from '../../brokers/delta/log-growth.ts';
import type { TopicSizes } from '../../brokers/lookup.ts';
import type { PartitionPlace } from '../../core/cluster.ts';
import { partitionKey } from '../../brokers/delta/partition-key.ts';
import { busiestOf, type MachineLoad, type MachineSample } from './machine-load.ts';
import { type BytesMethod, type MeanSize, meanSizes, type Moved } from './mean-sizes.ts';
import { getOrMake } from '../../core/get-or-make.ts';

export interface Flow {
  messagesPerSecond: number;
  bytesPerSecond?: number;
  method?: BytesMethod;
}

/** Rate of the partitions of a topic that one broker leads. */
export interface TopicFlow extends Flow {
  topic: string;
  broker: string;
}

/** From commits: a group that consumes without committing has rate 0. */
export interface GroupFlow extends Flow, PartitionPlace {
  group: string;
  broker: string;
}

export interface BrokerFlow {
  broker: string;
  /** Without messages if an end of this broker's logs could not be read. */
  written: Partial<Flow>;
  /** By groups that commit, without followers. Without messages if commits could not be read. */
  read: Partial<Flow>;
  /** The busiest resource of its host; absent if unread. */
  machine?: MachineLoad;
}

export interface Rates {
  seconds: number;
  topics: readonly TopicFlow[];
  groups: readonly GroupFlow[];
  brokers: readonly BrokerFlow[];
  /** Topics without a known rate at brokers that have their partitions. */
  unknown: readonly { topic: string; broker: string }[];
}

/** Rates of topics come from end offsets, those of groups from commits (brokers/delta/). */
export function ratesBetween(before: Reading, after: Reading): Rates {
  const seconds = after.atSeconds - before.atSeconds;
  if (!(seconds > 0)) return { seconds: 0, topics: [], groups: [], brokers: [], unknown: [] };
  const known = before.known ?? observeOffsets(before);
  const now = after.known ?? observeOffsets(after, known);
  const { written, unknown } = messagesWritten(known.logs, now.logs);
  const sizes = meanSizes[after.snapshot.cluster.kind](before, after, written);

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
    const counted = counterGrowth(before, after, id);
    const ownTopics = topics.filter(({ broker }) => broker === id);
    const ownGroups = groups.filter(({ broker }) => broker === id);
    const [from, to] = [before.machines?.get(id), after.machines?.get(id)];
    const machine = from && to && busiestOf(from, to);
    return {
      broker: id,
      written: {
        ...(!unknown.some(({ broker }) => broker === id) && sumOf(ownTopics)),
        ...counterOf(counted, 'bytesIn'),
      },
      read: { ...(areCommitsRead(id) && sumOf(ownGroups)), ...counterOf(counted, 'bytesOut') },
      ...(machine !== undefined && { machine }),
    };
  });
  return { seconds, topics, groups, brokers, unknown };
}

/** Kafka: any broker may coordinate a group. RocketMQ: each broker keeps the commits of its queues. */
function commitsReadAt(snapshot: ClusterSnapshot): (broker: string) => boolean {
  const { cluster, sections } = snapshot;
  const isOld = (names: readonly string[]) => (each: ClusterSnapshot['sections'][number]) =>
    names.includes(each.section) && each.kind !== 'fresh';
  const areAllRead = !sections.some(isOld(['commits', 'groups'])) && areCommitsFresh(snapshot);
  if (traitsOf(cluster.kind).commitsAt === 'any-broker') return () => areAllRead;
  return (id) => !sections.filter(isOld(['commits', 'offsets'])).some(({ broker }) => broker === id);
}

function flowOf(messagesPerSecond: number, size: MeanSize): Flow {
  if (messagesPerSecond === 0) return { messagesPerSecond, bytesPerSecond: 0 };
  if (size === undefined) return { messagesPerSecond };
  return { messagesPerSecond, bytesPerSecond: messagesPerSecond * size.bytes, method: size.method };
}

/** Sums bytes only if all are known, and returns the weakest method among them. */
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

/** Strongest first. */
const methods: readonly BytesMethod[] = ['counter', 'log-growth', 'minute-mean', 'mean-size'];

/** The rate of a topic at a broker is known if the growth of all its partitions there is. */
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
    const { seconds } = growth;
    const entry = getOrMake(moved, key, () => ({ topic, broker, messages: 0, messagesPerSecond: 0, seconds }));
    entry.messages += growth.messages;
    entry.messagesPerSecond += growth.messages / seconds;
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

function counterOf(counted: CounterGrowth | undefined, name: 'bytesIn' | 'bytesOut'): Partial<Flow> {
  const bytes = counted?.counters[name];
  return counted === undefined || bytes === undefined
    ? {}
    : { bytesPerSecond: bytes / counted.seconds, method: 'counter' };
}

export type TopicSize = TopicSizes['sizes'][number];

export interface Reading {
  /** On a monotonic clock. */
  atSeconds: number;
  snapshot: ClusterSnapshot;
  /** For brokers with one log per partition: Kafka. */
  sizes?: readonly TopicSize[];
  /** By broker id, if the config names its host. */
  machines?: ReadonlyMap<string, MachineSample>;
  /** Ends and commits known from this and earlier readings, each with its time. Default: from this reading only. */
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
