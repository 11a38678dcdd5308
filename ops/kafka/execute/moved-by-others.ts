// Separates partitions of a reassignment from those that others have moved since it began; the latter stay in place.

import type { KafkaMetadata } from '../../../brokers/kafka/client.ts';
import { byPartition, partitionKey } from '../live/broker-load.ts';
import type { KafkaPartition } from '../reassign/plan-reassignment.ts';
import { joinedTexts } from '../../../core/text/bilingual.ts';
import { isForeignTo } from './cancel-moves.ts';
import type { ReassignJournal } from './reassign-facts.ts';
import { note } from '../../change/carry-out.ts';
import { aimOf, type Run, type View } from './run.ts';

interface MovedPartition {
  partition: KafkaPartition;
  /** Replicas assigned by others. */
  now: readonly number[];
}

/**
 * Detects partitions moved by others. No wave places a replica on a broker outside the old and the new placement, nor
 * leaves more replicas than both have, so others did, or re-created the topic. Once another change had the lease, any
 * placement may be as that change needs it, also one that this change planned.
 */
export function splitAim(
  journal: ReassignJournal,
  metadata: Pick<KafkaMetadata, 'topics'>,
): { own: readonly KafkaPartition[]; left: readonly MovedPartition[] } {
  const partitions = byPartition(metadata);
  const isForeign = isForeignTo(journal);
  const own: KafkaPartition[] = [];
  const left: MovedPartition[] = [];
  const { original, target } = journal.facts;
  const most = new Map<string, number>();
  for (const each of [...original, ...target]) {
    const key = partitionKey(each);
    most.set(key, Math.max(each.replicas.length, most.get(key) ?? 0));
  }
  for (const partition of aimOf(journal)) {
    const now = (partitions.get(partitionKey(partition))?.replicas ?? []).map(Number);
    const hasMore = now.length > (most.get(partitionKey(partition)) ?? 0);
    const isKept = journal.takenOver !== undefined && now.length > 0 && now.join() !== partition.replicas.join();
    const isOfOthers = isKept || hasMore || isForeign({ ...partition, replicas: now, adding: now, removing: [] });
    if (isOfOthers) left.push({ partition, now });
    else own.push(partition);
  }
  return { own, left };
}

/** @returns where the partitions of the change may be if it stops during this wave */
export function placesLeft(
  { facts: { target } }: ReassignJournal,
  metadata: Pick<KafkaMetadata, 'topics'>,
  wave: readonly KafkaPartition[],
): KafkaPartition[] {
  const partitions = byPartition(metadata);
  const current = target.map((each) => ({
    ...each,
    replicas: partitions.get(partitionKey(each))?.replicas.map(Number),
  }));
  return [...current, ...wave].flatMap(({ topic, partition, replicas }) =>
    replicas === undefined ? [] : [{ topic, partition, replicas: [...replicas] }],
  );
}

/** True unless others have moved its partitions, or are moving them. Deleted partitions do not count. */
export function isAsLeft(
  { facts: { original, left = original } }: ReassignJournal,
  { metadata, moving }: View,
): boolean {
  const partitions = byPartition(metadata);
  const ends = new Map(
    moving.map((move) => [partitionKey(move), move.replicas.filter((id) => !move.removing.includes(id)).join()]),
  );
  return [...Map.groupBy(left, partitionKey)].every(([key, places]) => {
    const end = ends.get(key) ?? partitions.get(key)?.replicas.join();
    return end === undefined || places.some(({ replicas }) => replicas.join() === end);
  });
}

/** Keys to compare two checks: a placement by others counts only if both show it. */
export const placesOf = (left: readonly MovedPartition[]): ReadonlySet<string> =>
  new Set(left.map(({ partition, now }) => `${partitionKey(partition)} ${now.join()}`));

/** @param named partitions reported before; the new ones are added */
export async function nameLeft(run: Run, left: readonly MovedPartition[], named: Set<string>): Promise<void> {
  const unnamed = left.filter(({ partition }) => !named.has(partitionKey(partition)));
  if (unnamed.length === 0) return;
  for (const { partition } of unnamed) named.add(partitionKey(partition));
  const { en, zh } = joinedTexts(
    unnamed.map(({ partition, now }) => {
      const [key, is, planned] = [partitionKey(partition), now.join(), partition.replicas.join()];
      return { en: `${key} on ${is} instead of ${planned}`, zh: `${key} 位于 ${is}，而非 ${planned}` };
    }),
  );
  await note(run, {
    en: `partitions left as others placed them after this change started, ${unnamed.length}: ${en}`,
    zh: `以下 ${unnamed.length} 个分区在本变更开始后被他人重新分配，保持不变：${zh}`,
  });
}
