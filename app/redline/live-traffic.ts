// Reads who leads which partition of a live Kafka cluster, and how many messages each one gets.

import type { KafkaChanges } from '../../brokers/kafka/changes/kafka-changes.ts';
import type { KafkaMetadata } from '../../brokers/kafka/client.ts';
import type { Io } from '../../brokers/driver.ts';
import type { Clock } from '../../core/clock.ts';
import { mean } from '../../core/statistics/statistics.ts';
import { messagesPerSecond, type Seconds } from '../../core/units.ts';
import { partitionKey } from '../../ops/kafka/live/broker-load.ts';
import type { RedlinePartition } from '../../ops/kafka/redline/plan-redline.ts';

/** In place of a time: ListOffsets then returns the offset of the next message. */
const latest = -1;

export interface LiveReading {
  atSeconds: number;
  metadata: KafkaMetadata;
  /** The next offset of each partition that has a leader which answers, by `topic-partition`. */
  ends: ReadonlyMap<string, bigint>;
}

export type TopicFilter = (topic: string) => boolean;

export const isInternalTopic = (topic: string): boolean => topic.startsWith('__');

/** @param only topics that count. @throws AppError as the cluster answers */
export async function readLive(
  changes: Pick<KafkaChanges, 'describe' | 'offsetsAt'>,
  only: TopicFilter,
  clock: Clock,
  io: Io,
): Promise<LiveReading> {
  const metadata = await changes.describe(io);
  const partitions = metadata.topics
    .filter(({ name }) => only(name))
    .flatMap((topic) => topic.partitions)
    .filter(({ leader }) => leader !== undefined);
  const offsets = await changes.offsetsAt(partitions, latest, io);
  return {
    atSeconds: clock.monotonic(),
    metadata,
    ends: new Map(
      offsets.flatMap((each) => (each.offset === undefined ? [] : [[partitionKey(each), each.offset] as const])),
    ),
  };
}

/** @returns messages between two readings by `topic-partition`; what was re-created or not read is absent */
export function messagesBetween(before: LiveReading, after: LiveReading): ReadonlyMap<string, number> {
  return new Map(
    [...after.ends].flatMap(([key, end]) => {
      const start = before.ends.get(key);
      return start === undefined || end < start ? [] : [[key, Number(end - start)] as const];
    }),
  );
}

/** Partitions as they are led in the later reading, with their rates between the two. */
export function partitionsBetween(before: LiveReading, after: LiveReading, only: TopicFilter): RedlinePartition[] {
  const duration = after.atSeconds - before.atSeconds;
  const messages = messagesBetween(before, after);
  return after.metadata.topics
    .filter(({ name }) => only(name))
    .flatMap(({ partitions }) => partitions)
    .map(({ topic, partition, replicas, inSyncReplicas, leader }) => ({
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

/**
 * What the traffic of the next step is compared with. What producers send late, after a pause, makes a step exceed the usual traffic: then it
 * is the mean of all steps.
 *
 * @param totals messages per second of each step that was held. @param before of the last one that counts
 */
export const usualTraffic = (totals: readonly number[], before: number): number =>
  totals.length === 0 ? 0 : Math.min(before, mean(totals));

/** Watches for a while. @throws AppError as the cluster answers */
export async function sampleLive(
  changes: Pick<KafkaChanges, 'describe' | 'offsetsAt'>,
  only: TopicFilter,
  { clock, sample }: { clock: Clock; sample: Seconds },
  io: Io,
): Promise<{ partitions: RedlinePartition[]; metadata: KafkaMetadata }> {
  const before = await readLive(changes, only, clock, io);
  await clock.sleep(sample, io);
  const after = await readLive(changes, only, clock, io);
  return { partitions: partitionsBetween(before, after, only), metadata: after.metadata };
}
