// Computes the cost of a message on the limiting resource, by the byte arithmetic of the verdict.

import type { KafkaDetails } from '../../brokers/kafka/details.ts';
import { isRepartitionTopic } from '../../brokers/kafka/system-topic.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { traitsOf, type ByKind } from '../../core/broker-kind/registry.ts';
import type { Limit } from '../../core/documents/analysis.ts';
import { cardBytes, messageCost } from '../../core/wire/message-cost.ts';
import type { ClusterLoad, KafkaLoad } from '../../core/wire/cluster-load.ts';
import { fullBatchRecords, recordBatchBytes } from '../../core/wire/record-batch-bytes.ts';
import { storedRecordBytes } from '../../core/wire/rocketmq-record.ts';
import type { SharedBy } from '../../core/client-cost.ts';

/** Messages per second by name; absent if unknown. */
export interface LoadByName {
  produceTps?: number;
  consumeTps?: number;
  topics: ReadonlyMap<string, { produceTps?: number; consumeTps?: number }>;
  /** `topics`: rates of its topics. */
  groups: ReadonlyMap<string, { consumeTps: number; topics?: ReadonlyMap<string, number> }>;
}

/** Largest share of the load in topics of unknown size with which the other shares are valid. */
const mostUnsized = 0.02;
/** Typical length of a name, which matters little. */
const groupBytes = 20;

/** @returns the unit in which use of this limit is compared */
export function unitOf(limit: Limit | undefined): SharedBy {
  const resource = limit !== undefined && 'resource' in limit ? limit.resource : undefined;
  return resource === undefined ? 'messages' : (sharedBy[resource] ?? 'messages');
}

const sharedBy: Readonly<Partial<Record<string, SharedBy>>> = {
  'network-in': 'bytes-in',
  'network-out': 'bytes-out',
  'disk-io': 'bytes-stored',
  'disk-space': 'bytes-stored',
};

const usualLoad: ByKind<(common: Omit<KafkaLoad, 'broker' | 'mode'>) => ClusterLoad> = {
  kafka: (common) => ({ broker: 'kafka', mode: 'kraft', ...common }),
  rocketmq: (common) => ({ broker: 'rocketmq', mode: common.replicas > 1 ? 'master-slave' : 'single', ...common }),
};

interface CostedMessage {
  /** Including the overhead of the record and of its batch. */
  storedBytes: number;
  topic: string;
  replicas: number;
  /** Kafka; default: full batches. */
  recordsPerBatch?: number;
}

/** Overhead of a stored message, which the byte arithmetic adds to the body. */
const overheadOf: ByKind<(message: CostedMessage) => number> = {
  kafka({ storedBytes: bodyBytes, recordsPerBatch = fullBatchRecords({ bodyBytes }) }) {
    return recordBatchBytes({ bodyBytes }, recordsPerBatch) / recordsPerBatch - bodyBytes;
  },
  rocketmq: ({ topic }) => storedRecordBytes({ bodyBytes: 0, topicBytes: Buffer.byteLength(topic) }),
};

/** Bytes per produced and per consumed message, at the cards of all brokers: a copy leaves one card and arrives at another. */
export function costOf(
  broker: ClusterSnapshot['cluster']['kind'],
  costed: CostedMessage,
  of: SharedBy,
): { produced: number; consumed: number } {
  if (of === 'messages') return { produced: 1, consumed: 1 };
  const { topic, storedBytes, ...message } = costed;
  const { replicas } = message;
  const bodyBytes = Math.max(0, storedBytes - overheadOf[broker](costed));
  const common = { ...message, bodyBytes, groups: 1, topicBytes: Buffer.byteLength(topic), groupBytes };
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
 * Stored bytes per message by topic: RocketMQ counts messages and bytes of the last minute; for Kafka, stored bytes are divided by
 * offsets.
 *
 * @param sampled more precise sizes, from current messages
 * @returns undefined if too much of the load is in topics of unknown size
 */
export function messageSizes(
  snapshot: ClusterSnapshot,
  { topics, produceTps: allProduced = 0, consumeTps: allConsumed = 0 }: Omit<LoadByName, 'groups'>,
  sampled: ReadonlyMap<string, number> = new Map(),
): ReadonlyMap<string, number> | undefined {
  const sizes = new Map([...sizesBy[snapshot.cluster.kind](snapshot), ...sampled]);
  let [sized, all] = [0, 0];
  for (const [name, { produceTps = 0, consumeTps = 0 }] of topics) {
    all += produceTps + consumeTps;
    if (sizes.has(name)) sized += produceTps + consumeTps;
  }
  const whole = Math.max(all, allProduced + allConsumed);
  return sized > 0 && sized >= (1 - mostUnsized) * whole ? sizes : undefined;
}

const sizesBy: ByKind<(snapshot: ClusterSnapshot) => Map<string, number>> = {
  kafka: storedSizes,
  rocketmq: countedSizes,
};

function countedSizes({ rocketmq }: ClusterSnapshot): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const [topic, own] of Map.groupBy(rocketmq?.topicTraffic ?? [], (each) => each.topic)) {
    const messages = own.reduce((sum, { messagesPerSecond = 0 }) => sum + messagesPerSecond, 0);
    const bytes = own.reduce((sum, { bytesPerSecond = 0 }) => sum + bytesPerSecond, 0);
    if (messages > 0 && bytes > 0) sizes.set(topic, bytes / messages);
  }
  return sizes;
}

type StoredTopics = Pick<ClusterSnapshot, 'topics' | 'offsets'> & {
  kafka?: { topicSizes: readonly { topic: string; bytes: bigint }[]; topicConfigs?: KafkaDetails['topicConfigs'] };
};

/**
 * Bytes per stored (compressed) message by Kafka topic. Omits topics whose offsets cover other messages than those on the
 * brokers' disks.
 */
export function storedSizes({ kafka, topics, offsets }: StoredTopics): Map<string, number> {
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
  for (const { topic, cleanupPolicy = '', isTiered = false } of kafka?.topicConfigs ?? []) {
    if (isTiered || cleanupPolicy.includes('compact')) messages.delete(topic);
  }
  const sizes = new Map<string, number>();
  for (const [topic, count] of messages) {
    const stored = isRepartitionTopic(topic) ? undefined : bytes.get(topic);
    if (stored !== undefined && stored > 0 && count > 0) sizes.set(topic, stored / count);
  }
  return sizes;
}

/** Copies of a message of a topic, including the leader's; for groups of brokers their rounded mean size. */
export function replicasOf({ cluster: { kind, brokers }, topics }: ClusterSnapshot): (topic: string) => number {
  const { copies, brokerId } = traitsOf(kind);
  if (copies === 'own-group') {
    const groups = new Set(brokers.map(({ id }) => brokerId.group(id))).size;
    return () => Math.max(1, Math.round(brokers.length / Math.max(1, groups)));
  }
  const replicas = new Map(topics.map(({ name, partitions: [first] }) => [name, first?.replicas.length]));
  return (topic) => Math.max(1, replicas.get(topic) ?? 1);
}
