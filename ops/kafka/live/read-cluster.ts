// Reads replica placement, sizes and load of a running cluster in the format of the offline plan files.

import type { KafkaMetadata } from '../../../brokers/kafka/client.ts';
import type { KafkaChanges, MovingPartition } from '../../../brokers/kafka/changes/kafka-changes.ts';
import type { BrokerSizes, ReplicaSize } from '../../../brokers/kafka/changes/replica-sizes.ts';
import type { Io } from '../../../brokers/driver.ts';
import type { Clock, Seconds } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import type { Assignment, Brokers, Sizes } from '../reassign/files.ts';
import { largestReplicas, loadBetween, partitionKey, type BrokerLoad } from './broker-load.ts';
import { defined } from '../../../core/defined.ts';

export interface LiveCluster {
  metadata: KafkaMetadata;
  assignment: Assignment;
  /** Brokers that respond, followed by absent ones that hold replicas. */
  brokers: Brokers;
  absent: readonly number[];
  /** Bytes of the largest replica of each partition. */
  sizes: Sizes;
  disks: readonly BrokerSizes[];
  moving: readonly MovingPartition[];
  load: BrokerLoad;
}

/** @param sample measuring time of the incoming rate. @throws AppError unsupported-broker before Kafka 2.4 */
export async function readCluster(
  changes: KafkaChanges,
  { clock, sample }: { clock: Clock; sample: Seconds },
  io: Io,
): Promise<LiveCluster> {
  const first = { atSeconds: clock.monotonic(), brokers: await sizesOf(changes, io) };
  await clock.sleep(sample, io);
  const last = { atSeconds: clock.monotonic(), brokers: await changes.sizes(io) };
  const [metadata, moving] = await Promise.all([changes.describe(io), changes.moving(io)]);
  return {
    metadata,
    moving,
    disks: last.brokers,
    load: loadBetween(first, last, leadersIn(metadata)),
    ...asFiles(metadata, last.brokers),
  };
}

/** The first request to the cluster: detects whether it is supported. */
async function sizesOf(changes: KafkaChanges, io: Io): Promise<readonly BrokerSizes[]> {
  try {
    return await changes.sizes(io);
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== 'unsupported-broker') throw cause;
    throw new AppError(
      'unsupported-broker',
      `${cause.message}: before Kafka 2.4, reassignments are written to ZooKeeper`,
      {
        cause,
        hint: 'plan offline with --assignment and --brokers, and give --files DIR: plan, rollback and checks for kafka-reassign-partitions.sh',
      },
    );
  }
}

export function leadersIn({ topics }: KafkaMetadata): ReadonlyMap<string, number> {
  const led = topics.flatMap(({ partitions }) => partitions).filter(({ leader }) => leader !== undefined);
  return new Map(led.map((each) => [partitionKey(each), Number(each.leader)]));
}

/** Replicas of topics missing in the metadata: brokers omit topics that the user may not describe, without an error. */
export function unlistedReplicas(
  { topics }: Pick<KafkaMetadata, 'topics'>,
  brokers: readonly BrokerSizes[],
): ReplicaSize[] {
  const listed = new Set(topics.map(({ name }) => name));
  return brokers.flatMap(({ replicas }) => replicas).filter(({ topic }) => !listed.has(topic));
}

export function asFiles(
  { topics, brokers }: KafkaMetadata,
  disks: readonly BrokerSizes[],
): Pick<LiveCluster, 'assignment' | 'brokers' | 'absent' | 'sizes'> {
  const partitions = topics.flatMap(({ name, partitions: own }) =>
    own.map(({ partition, replicas }) => ({ topic: name, partition, replicas: replicas.map(Number) })),
  );
  const present = new Set(brokers.map(({ id }) => Number(id)));
  const absent = [...new Set(partitions.flatMap(({ replicas }) => replicas))]
    .filter((id) => !present.has(id))
    .sort((a, b) => a - b);
  const bytes = largestReplicas(disks);
  return {
    assignment: { version: 1, partitions },
    brokers: [...brokers.map(({ id, rack }) => defined({ id: Number(id), rack })), ...absent.map((id) => ({ id }))],
    absent,
    sizes: partitions.map(({ topic, partition }) => ({
      topic,
      partition,
      bytes: bytes.get(partitionKey({ topic, partition })) ?? 0,
    })),
  };
}
