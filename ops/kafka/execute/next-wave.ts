// Plans the next wave from the current replica placement, so that a run can resume from any state.

import type { KafkaMetadata } from '../../../brokers/kafka/client.ts';
import { byPartition, partitionKey } from '../live/broker-load.ts';
import type { KafkaPartition } from '../reassign/plan-reassignment.ts';
import type { PlacedPartition } from '../reassign/problem.ts';
import { planWaves } from '../reassign/waves.ts';

export interface Move extends KafkaPartition {
  /** The broker that gets a copy, and the one that serves it; absent where only the order changes, or replicas go. */
  to?: number;
  from?: number;
  /** Its end raises the leader epoch: a replica comes or goes. */
  isHandOver: boolean;
}

/**
 * @param aim partitions as they are to lie
 * @param leaving brokers whose replicas come first
 * @returns nothing when all lie as they are to; a partition that is gone has been deleted meanwhile, and is passed over
 */
export function nextWave(
  metadata: Pick<KafkaMetadata, 'topics'>,
  aim: readonly KafkaPartition[],
  { leaving, most, bytes }: { leaving: readonly number[]; most: number; bytes: ReadonlyMap<string, number> },
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
  const [wave = []] = planWaves(
    partitions,
    known.map(({ replicas }) => placed(replicas)),
    { live, most },
  );
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
