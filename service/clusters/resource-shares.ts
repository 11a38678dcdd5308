// Computes the share of each topic and group in the use of the limiting resource.

import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { ByKind } from '../../core/broker-kind/registry.ts';
import type { Limit } from '../../core/documents/analysis.ts';
import type { ClusterStatus } from '../../core/documents/cluster-status.ts';
import { cardBytes, messageCost } from '../../core/wire/message-cost.ts';
import type { ClusterLoad, KafkaLoad } from '../../core/wire/cluster-load.ts';
import { storedRecordBytes } from '../../core/wire/rocketmq-record.ts';
import type { SharedBy } from '../../dashboards/web/cluster/cluster-view.ts';
import type { ClusterTraffic } from './traffic.ts';

export interface ResourceShares {
  /** What is shared. */
  of: SharedBy;
  topics: ReadonlyMap<string, number>;
  /** None of what groups do not use, such as cards of brokers towards them. */
  groups: ReadonlyMap<string, number>;
}

/** Topics of unknown size: so little of the load that the other shares stay valid. */
const mostUnsized = 0.02;
/** Lengths of names that nothing depends on much. */
const groupBytes = 20;

/** The first limit of the cluster, from its state. */
export function bindingLimit({
  binding,
  safeMaxTps,
}: Pick<ClusterStatus, 'binding' | 'safeMaxTps'>): Limit | undefined {
  const [first] = binding ?? [];
  return first?.limitedBy ?? (safeMaxTps !== undefined && 'limitedBy' in safeMaxTps ? safeMaxTps.limitedBy : undefined);
}

/**
 * A byte towards a consumer is the group's; all of a message is its topic's. What a limit is of decides what is shared: cards
 * out and in, disks, and for all else messages produced and consumed.
 *
 * @returns undefined while no rate is known
 */
export function sharesOf(
  limit: Limit | undefined,
  snapshot: ClusterSnapshot,
  traffic: ClusterTraffic,
): ResourceShares | undefined {
  const key = JSON.stringify(limit ?? {});
  const last = known.get(traffic);
  if (last?.key === key) return last.shares;
  const shares = computed(limit, snapshot, traffic);
  known.set(traffic, { key, shares });
  return shares;
}

/** Cached by reading: open pages are rendered every 30 s, for many readers. */
const known = new WeakMap<ClusterTraffic, { key: string; shares: ResourceShares | undefined }>();

function computed(
  limit: Limit | undefined,
  snapshot: ClusterSnapshot,
  traffic: ClusterTraffic,
): ResourceShares | undefined {
  const resource = limit !== undefined && 'resource' in limit ? limit.resource : undefined;
  const wanted = resource === undefined ? 'messages' : (sharedBy[resource] ?? 'messages');
  const sizes = wanted === 'messages' ? undefined : messageSizes(snapshot, traffic);
  return sizes === undefined ? byMessages(traffic) : byBytes(wanted, sizes, snapshot, traffic);
}

const sharedBy: Readonly<Partial<Record<string, SharedBy>>> = {
  'network-in': 'bytes-in',
  'network-out': 'bytes-out',
  'disk-io': 'bytes-stored',
  'disk-space': 'bytes-stored',
};

function byMessages({
  topics,
  groups,
  produceTps = 0,
  consumeTps: consumed = 0,
}: ClusterTraffic): ResourceShares | undefined {
  const used = new Map<string, number>();
  for (const [name, { produceTps = 0, consumeTps = 0 }] of topics) used.set(name, produceTps + consumeTps);
  const read = new Map(Array.from(groups, ([name, { consumeTps }]) => [name, consumeTps] as const));
  // Topics that config leaves out have their part of it.
  return shared('messages', used, read, produceTps + consumed);
}

function byBytes(
  of: SharedBy,
  sizes: ReadonlyMap<string, number>,
  snapshot: ClusterSnapshot,
  { topics, groups }: ClusterTraffic,
): ResourceShares | undefined {
  const used = new Map<string, number>();
  const towardsConsumer = new Map<string, number>();
  const replicas = replicasOf(snapshot);
  for (const [name, { produceTps = 0, consumeTps = 0 }] of topics) {
    const bodyBytes = sizes.get(name);
    if (bodyBytes === undefined) continue;
    const cost = costOf(snapshot.cluster.kind, { bodyBytes, topic: name, replicas: replicas(name) }, of);
    used.set(name, produceTps * cost.produced + consumeTps * cost.consumed);
    towardsConsumer.set(name, cost.consumed);
  }
  const read = new Map<string, number>();
  for (const [group, { topics: readTopics = new Map<string, number>() }] of groups) {
    let bytes = 0;
    for (const [topic, tps] of readTopics) bytes += tps * (towardsConsumer.get(topic) ?? 0);
    if (bytes > 0) read.set(group, bytes);
  }
  return shared(of, used, read);
}

function shared(
  of: SharedBy,
  topics: ReadonlyMap<string, number>,
  groups: ReadonlyMap<string, number>,
  least = 0,
): ResourceShares | undefined {
  const whole = Math.max(
    least,
    topics.values().reduce((sum, each) => sum + each, 0),
  );
  if (!(whole > 0)) return undefined;
  const parts = (all: ReadonlyMap<string, number>) => new Map(Array.from(all, ([name, each]) => [name, each / whole]));
  return { of, topics: parts(topics), groups: parts(groups) };
}

const usualLoad: ByKind<(common: Omit<KafkaLoad, 'broker' | 'mode'>) => ClusterLoad> = {
  kafka: (common) => ({ broker: 'kafka', mode: 'kraft', ...common }),
  rocketmq: (common) => ({ broker: 'rocketmq', mode: common.replicas > 1 ? 'master-slave' : 'single', ...common }),
};

/** Bytes of one message that is produced, and of one that is consumed. Cards of all brokers: a copy leaves one and comes in at another. */
function costOf(
  broker: ClusterSnapshot['cluster']['kind'],
  { bodyBytes, topic, replicas }: { bodyBytes: number; topic: string; replicas: number },
  of: SharedBy,
): { produced: number; consumed: number } {
  const common = { replicas, groups: 1, bodyBytes, topicBytes: Buffer.byteLength(topic), groupBytes };
  const cost = messageCost(usualLoad[broker](common));
  if (of === 'bytes-stored') return { produced: cost.diskBytes * replicas, consumed: 0 };
  const [producer, follower, consumer] = [
    cardBytes(cost, 'producer'),
    cardBytes(cost, 'follower'),
    cardBytes(cost, 'consumer'),
  ];
  return of === 'bytes-out'
    ? { produced: producer.out + follower.out + follower.in, consumed: consumer.out }
    : { produced: producer.in + follower.in + follower.out, consumed: consumer.in };
}

/**
 * Bytes of a message of each topic: RocketMQ counts both in the last minute, of Kafka what is stored is as many bytes and
 * offsets.
 *
 * @returns undefined where too much of the load is of topics whose size is not known
 */
function messageSizes(
  snapshot: ClusterSnapshot,
  { topics, produceTps: allProduced = 0, consumeTps: allConsumed = 0 }: ClusterTraffic,
): ReadonlyMap<string, number> | undefined {
  const sizes = snapshot.rocketmq === undefined ? storedSizes(snapshot) : countedSizes(snapshot);
  let [sized, all] = [0, 0];
  for (const [name, { produceTps = 0, consumeTps = 0 }] of topics) {
    all += produceTps + consumeTps;
    if (sizes.has(name)) sized += produceTps + consumeTps;
  }
  const whole = Math.max(all, allProduced + allConsumed);
  return sized > 0 && sized >= (1 - mostUnsized) * whole ? sizes : undefined;
}

function countedSizes({ rocketmq }: ClusterSnapshot): Map<string, number> {
  const sums = new Map<string, { messages: number; bytes: number }>();
  for (const { topic, messagesPerSecond = 0, bytesPerSecond = 0 } of rocketmq?.topicTraffic ?? []) {
    const sum = sums.get(topic) ?? { messages: 0, bytes: 0 };
    sums.set(topic, { messages: sum.messages + messagesPerSecond, bytes: sum.bytes + bytesPerSecond });
  }
  const sizes = new Map<string, number>();
  for (const [topic, { messages, bytes }] of sums) {
    // Counted is the whole record; the byte sums put around the body what belongs there.
    const around = storedRecordBytes({ bodyBytes: 0, topicBytes: Buffer.byteLength(topic) });
    if (messages > 0 && bytes > 0) sizes.set(topic, Math.max(0, bytes / messages - around));
  }
  return sizes;
}

function storedSizes({ kafka, topics, offsets }: ClusterSnapshot): Map<string, number> {
  const bytes = new Map<string, number>();
  for (const size of kafka?.topicSizes ?? []) bytes.set(size.topic, (bytes.get(size.topic) ?? 0) + Number(size.bytes));
  const copies = new Map(
    topics.flatMap(({ partitions }) =>
      partitions.map(({ topic, partition, replicas }) => [`${topic}\0${partition}`, replicas.length] as const),
    ),
  );
  const messages = new Map<string, number>();
  for (const { topic, partition, start, end } of offsets) {
    if (start === undefined || end === undefined || end < start) continue;
    const stored = Number(end - start) * (copies.get(`${topic}\0${partition}`) ?? 1);
    messages.set(topic, (messages.get(topic) ?? 0) + stored);
  }
  const sizes = new Map<string, number>();
  for (const [topic, count] of messages) {
    const stored = bytes.get(topic);
    if (stored !== undefined && stored > 0 && count > 0) sizes.set(topic, stored / count);
  }
  return sizes;
}

/** Copies of a message of a topic, the leader's among them; of RocketMQ the slaves of most masters. */
function replicasOf({ topics, rocketmq }: ClusterSnapshot): (topic: string) => number {
  if (rocketmq !== undefined) {
    const masters = new Set(rocketmq.brokers.map(({ brokerName }) => brokerName)).size;
    const all = masters === 0 ? 1 : Math.max(1, Math.round(rocketmq.brokers.length / masters));
    return () => all;
  }
  const replicas = new Map(topics.map(({ name, partitions: [first] }) => [name, first?.replicas.length]));
  return (topic) => Math.max(1, replicas.get(topic) ?? 1);
}
