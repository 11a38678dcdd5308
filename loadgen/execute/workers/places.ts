// Assigns messages to partitions: by key as the broker's own clients do, otherwise in turn.

import type { BrokerKind } from '../../../core/cluster.ts';

/** @returns a partition from 0 to `partitions` − 1 */
type Partitioner = (key: Buffer, partitions: number) => number;

export const partitioners: Readonly<Record<BrokerKind, Partitioner>> = {
  // BuiltInPartitioner.partitionForKey of org.apache.kafka.clients: the sign bit is dropped.
  kafka: (key, partitions) => (murmur2(key) & 0x7fffffff) % partitions,
  // SelectMessageQueueByHash of org.apache.rocketmq.client: the absolute value of String.hashCode.
  rocketmq: (key, partitions) => Math.abs(javaHash(key)) % partitions,
};

/** MurmurHash2 with Kafka's seed, as in org.apache.kafka.common.utils.Utils. @returns a signed int32 */
export function murmur2(data: Buffer): number {
  const m = 0x5bd1e995;
  const { length } = data;
  let hash = 0x9747b28c ^ length;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    let k = Math.imul(data.readInt32LE(i), m);
    k = Math.imul(k ^ (k >>> 24), m);
    hash = Math.imul(hash, m) ^ k;
  }
  const left = length - i;
  if (left >= 3) hash ^= (data[i + 2] ?? 0) << 16;
  if (left >= 2) hash ^= (data[i + 1] ?? 0) << 8;
  if (left >= 1) hash = Math.imul(hash ^ (data[i] ?? 0), m);
  hash = Math.imul(hash ^ (hash >>> 13), m);
  return hash ^ (hash >>> 15);
}

/**
 * Computes java.lang.String.hashCode of ASCII text.
 * @returns a signed int32; −2³¹ becomes 0, as the Java client does for its absolute value
 */
function javaHash(text: Buffer): number {
  let hash = 0;
  for (const byte of text) hash = (Math.imul(hash, 31) + byte) | 0;
  return hash === -(2 ** 31) ? 0 : hash;
}

/** One partition of one topic. */
export interface PartitionPlace {
  topic: string;
  topicIndex: number;
  partition: number;
}

/** @param open partitions of each topic that accept messages */
export function placesOf(topics: readonly string[], open: readonly (readonly number[])[]) {
  const rows = Array.from({ length: Math.max(0, ...open.map(({ length }) => length)) }, (_, row) =>
    topics.flatMap((topic, topicIndex) => {
      const partition = open[topicIndex]?.[row];
      return partition === undefined ? [] : { topic, topicIndex, partition };
    }),
  );
  return {
    /** Alternates topics: two consecutive batches go to two topics. */
    all: rows.flat(),
    /** Each row holds one partition of every topic; a key always selects the same row. */
    rows: rows.filter(({ length }) => length === topics.length),
  };
}
