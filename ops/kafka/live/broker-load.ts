// Measures the incoming rate of brokers from log growth between two readings, excluding replicas being copied.

import { addTo } from '../../../core/get-or-make.ts';
import type { KafkaMetadata } from '../../../brokers/kafka/client.ts';
import type { BrokerSizes, ReplicaSize } from '../../../brokers/kafka/changes/replica-sizes.ts';
import type { Partition } from '../../../core/cluster.ts';

export interface SizeReading {
  /** Monotonic time. */
  atSeconds: number;
  brokers: readonly BrokerSizes[];
}

export interface BrokerLoad {
  seconds: number;
  /** Bytes per second by broker id, received from producers and copied as a follower. */
  incoming: ReadonlyMap<number, number>;
  /** Bytes per second that followers fetch from a broker, by broker id. */
  replicating: ReadonlyMap<number, number>;
  /** Bytes per second from producers, by `topic-partition`. */
  written: ReadonlyMap<string, number>;
}

export const partitionKey = ({ topic, partition }: { topic: string; partition: number }) => `${topic}-${partition}`;

/** All partitions of a cluster, by `topic-partition`. */
export const byPartition = ({ topics }: Pick<KafkaMetadata, 'topics'>): Map<string, Partition> =>
  new Map(topics.flatMap(({ partitions }) => partitions).map((each) => [partitionKey(each), each]));

/** Bytes of the largest replica of each partition, by `topic-partition`. */
export function largestReplicas(brokers: readonly BrokerSizes[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const replica of brokers.flatMap(({ replicas }) => replicas)) {
    const key = partitionKey(replica);
    sizes.set(key, Math.max(sizes.get(key) ?? 0, replica.bytes));
  }
  return sizes;
}

/**
 * Kafka has no request for a broker's traffic, but its logs grow by the stored bytes, compressed as sent. A log that
 * shrank, because it deleted old segments in between, counts as unchanged.
 *
 * @param leaders leader of each partition, by `topic-partition`
 * @param isCopied whether a replica is being copied, so that its growth is caused by the move
 */
export function loadBetween(
  before: SizeReading,
  after: SizeReading,
  leaders: ReadonlyMap<string, number>,
  isCopied: (replica: ReplicaSize) => boolean = () => false,
): BrokerLoad {
  const seconds = after.atSeconds - before.atSeconds;
  const held = before.brokers.flatMap(({ replicas }) => replicas);
  const bytesBefore = new Map(held.map((each) => [replicaKey(each), each.bytes]));
  const incoming = new Map(after.brokers.map(({ disk }) => [disk.broker, 0]));
  const replicating = new Map(after.brokers.map(({ disk }) => [disk.broker, 0]));
  const written = new Map<string, number>();
  for (const replica of after.brokers.flatMap(({ replicas }) => replicas)) {
    const bytes = bytesBefore.get(replicaKey(replica));
    if (bytes === undefined || isCopied(replica) || seconds <= 0) continue;
    const rate = Math.max(0, replica.bytes - bytes) / seconds;
    addTo(incoming, replica.broker, rate);
    const leader = leaders.get(partitionKey(replica));
    if (leader === replica.broker) written.set(partitionKey(replica), rate);
    else if (leader !== undefined) addTo(replicating, leader, rate);
  }
  return { seconds, incoming, replicating, written };
}

const replicaKey = (replica: ReplicaSize) => `${replica.broker} ${partitionKey(replica)}`;

export function busiest(rates: ReadonlyMap<unknown, number>): number {
  return [...rates.values()].reduce((most, rate) => Math.max(most, rate), 0);
}
