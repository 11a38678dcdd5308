// Plans the next wave from the current replica placement, so that a run can resume from any state.

import type { BrokerSizes } from '../../../brokers/kafka/changes/replica-sizes.ts';
import type { KafkaMetadata } from '../../../brokers/kafka/client.ts';
import { byPartition, partitionKey } from '../live/broker-load.ts';
import { overfilled } from '../live/log-directories.ts';
import type { KafkaPartition } from '../reassign/plan-reassignment.ts';
import type { PlacedPartition } from '../reassign/problem.ts';
import { planWaves } from '../reassign/waves.ts';

export interface Move extends KafkaPartition {
  /** Target and source broker of the copy; absent if only the order changes, or replicas are removed. */
  to?: number;
  from?: number;
  /** Its completion raises the leader epoch, because a replica is added or removed. */
  isHandOver: boolean;
}

interface WaveLimits {
  /** Brokers whose replicas move first. */
  leaving: readonly number[];
  most: number;
  bytes: ReadonlyMap<string, number>;
}

/**
 * Waves are split, and Kafka deletes removed replicas a minute later (log.segment.delete.delay.ms), so a move that fits
 * by the plan may not have enough space yet. Such moves wait: others go first, smaller ones to the same broker last.
 *
 * @param aim desired placement of the partitions
 * @param brokers current sizes, read while nothing moves
 * @returns moves for which there is space wherever Kafka puts them, and brokers without space for others; both empty if
 *   the placement is reached
 */
export function nextWave(
  metadata: Pick<KafkaMetadata, 'topics'>,
  aim: readonly KafkaPartition[],
  { brokers, ...limits }: WaveLimits & { brokers: readonly BrokerSizes[] },
): { wave: readonly Move[]; full: readonly number[] } {
  const held = byPartition(metadata);
  const disks = new Map(brokers.map(({ disk }) => [disk.broker, disk.directories ?? []]));
  const fit = (to: number, sizes: readonly number[]) => {
    const directories = disks.get(to) ?? [];
    const all = sizes.reduce((sum, size) => sum + size, 0);
    const haveRoom = directories.every(({ mayShare, usableBytes }) => mayShare !== true || all <= usableBytes);
    return haveRoom && overfilled(directories, sizes) === undefined;
  };
  const sizeOf = (each: KafkaPartition) => limits.bytes.get(partitionKey(each)) ?? 0;
  /** A wave adds one replica to each partition: the first one that is missing. */
  const nextOf = (each: KafkaPartition) =>
    each.replicas.find((id) => held.get(partitionKey(each))?.replicas.includes(String(id)) !== true);
  const full = new Set<number>();
  const fitting = aim.filter((each) => {
    const to = nextOf(each);
    if (to === undefined || fit(to, [sizeOf(each)])) return true;
    full.add(to);
    return false;
  });
  const elsewhere = fitting.filter((each) => !full.has(nextOf(each) ?? NaN));
  for (const next of [elsewhere, fitting]) {
    const wave: Move[] = [];
    for (const move of planNext(metadata, next, limits)) {
      const beside = () => [...wave.filter(({ to }) => to === move.to), move].map(sizeOf);
      if (move.to === undefined || fit(move.to, beside())) wave.push(move);
    }
    if (wave.length > 0) return { wave, full: [...full] };
  }
  return { wave: [], full: [...full] };
}

/** Skips partitions that have since been deleted. */
function planNext(
  metadata: Pick<KafkaMetadata, 'topics'>,
  aim: readonly KafkaPartition[],
  { leaving, most, bytes }: WaveLimits,
): readonly Move[] {
  const now = byPartition(metadata);
  const known = aim.filter((each) => now.has(partitionKey(each)));
  const held = (each: KafkaPartition) => (now.get(partitionKey(each))?.replicas ?? []).map(Number);
  const ids = [...new Set(known.flatMap((each) => [...held(each), ...each.replicas]))].sort(
    (one, two) => Number(leaving.includes(one)) - Number(leaving.includes(two)) || one - two,
  );
  const indexOf = new Map(ids.map((id, index) => [id, index]));
  const placed = (replicas: readonly number[]) => replicas.map((id) => indexOf.get(id) as number);
  const partitions = known.map((each): PlacedPartition => ({
    topic: each.topic,
    partition: each.partition,
    replicas: placed(held(each)),
    bytes: bytes.get(partitionKey(each)) ?? 0,
  }));
  const live = ids.filter((id) => !leaving.includes(id)).length;
  const planned = known.map(({ replicas }) => placed(replicas));
  const [wave = []] = planWaves(partitions, planned, { live, most });
  return wave.map(({ index, replicas, to, from }): Move => {
    const { topic, partition, replicas: before } = partitions[index] as PlacedPartition;
    return {
      topic,
      partition,
      replicas: replicas.map((broker) => ids[broker] as number),
      ...(to !== undefined && { to: ids[to] as number }),
      ...(from !== undefined && { from: ids[from] as number }),
      isHandOver: to !== undefined || before.some((broker) => !replicas.includes(broker)),
    };
  });
}
