// Assigns messages to partitions: by key as the broker's own clients do, otherwise in turn.

import { partitionOfKey } from '../../../brokers/kafka/partition-of-key.ts';
import type { BrokerKind } from '../../../core/cluster.ts';

/** @returns a partition from 0 to `partitions` − 1 */
type Partitioner = (key: Buffer, partitions: number) => number;

export const partitioners: Readonly<Record<BrokerKind, Partitioner>> = {
  kafka: partitionOfKey,
  // SelectMessageQueueByHash of org.apache.rocketmq.client: the absolute value of String.hashCode.
  rocketmq: (key, partitions) => Math.abs(javaHash(key)) % partitions,
};

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
