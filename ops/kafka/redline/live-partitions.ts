// Reads the leader and message rate of each partition in a live Kafka cluster.

import type { KafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import type { KafkaMetadata } from '../../../brokers/kafka/client.ts';
import type { Io } from '../../../brokers/driver.ts';
import type { Clock } from '../../../core/clock.ts';
import { messagesPerSecond } from '../../../core/units.ts';
import { messagesBetween, type LiveLoad, type LiveReading, type TopicFilter } from '../../redline/live-load.ts';
import { partitionKey } from '../live/broker-load.ts';
import type { RedlinePartition } from './plan-redline.ts';

/** Used in place of a time: ListOffsets then returns the offset of the next message. */
const latest = -1;

interface LiveParts {
  /** Topics to include; internal ones are always excluded. */
  only: TopicFilter;
  clock: Clock;
  loadOf(partitions: readonly RedlinePartition[], brokers: readonly string[]): LiveLoad;
}

/** @throws AppError of the cluster */
export async function readLive(
  changes: Pick<KafkaChanges, 'describe' | 'offsetsAt'>,
  { only, clock, loadOf }: LiveParts,
  io: Io,
): Promise<LiveReading> {
  const metadata = await changes.describe(io);
  const topics = metadata.topics.filter(({ name }) => !name.startsWith('__') && only(name));
  const partitions = topics.flatMap((topic) => topic.partitions);
  const led = partitions.filter(({ leader }) => leader !== undefined);
  const offsets = await changes.offsetsAt(led, latest, io);
  const brokers = metadata.brokers.map(({ id }) => id);
  const reading = {
    atSeconds: clock.monotonic(),
    ends: new Map(
      offsets.flatMap((each) => (each.offset === undefined ? [] : [[partitionKey(each), each.offset] as const])),
    ),
  };
  return {
    ...reading,
    brokers,
    topics: topics.map(({ name }) => name),
    takers: new Map(
      partitions.flatMap((each) => (each.leader === undefined ? [] : [[partitionKey(each), each.leader]])),
    ),
    layout: new Map(
      partitions.map((each) => {
        const leader = each.leader === undefined ? 'has no leader' : `is led by broker ${each.leader}`;
        return [partitionKey(each), `${leader} (replicas ${each.replicas.join()})`];
      }),
    ),
    loadSince: (before) => loadOf(partitionsBetween(before, reading, partitions), brokers),
  };
}

/** @param partitions with the leaders of the later reading. @returns the partitions with their rates between both readings */
export function partitionsBetween(
  before: Pick<LiveReading, 'atSeconds' | 'ends'>,
  after: Pick<LiveReading, 'atSeconds' | 'ends'>,
  partitions: KafkaMetadata['topics'][number]['partitions'],
): RedlinePartition[] {
  const duration = after.atSeconds - before.atSeconds;
  const messages = messagesBetween(before, after);
  return partitions.map(({ topic, partition, replicas, inSyncReplicas, leader }) => ({
    topic,
    partition,
    replicas: replicas.map(Number),
    inSync: inSyncReplicas.map(Number),
    ...(leader !== undefined && { leader: Number(leader) }),
    messagesPerSecond: messagesPerSecond(
      duration > 0 ? (messages.get(partitionKey({ topic, partition })) ?? 0) / duration : 0,
    ),
  }));
}
