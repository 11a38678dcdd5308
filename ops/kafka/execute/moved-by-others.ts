// Separates the partitions of a reassignment from those that others have moved since it began, which stay as they are.

import type { KafkaMetadata } from '../../../brokers/kafka/client.ts';
import { byPartition, partitionKey } from '../live/broker-load.ts';
import type { KafkaPartition } from '../reassign/plan-reassignment.ts';
import { isForeignTo } from './cancel-moves.ts';
import type { ReassignJournal } from './reassign-facts.ts';
import { aimOf, note, type Run } from './run.ts';

interface MovedPartition {
  partition: KafkaPartition;
  /** The replicas that others gave it. */
  now: readonly number[];
}

/**
 * No wave puts a replica on a broker that holds the partition neither before the change nor after it, nor leaves more replicas than
 * both: others did, or created the topic again.
 */
export function splitAim(
  state: ReassignJournal,
  metadata: Pick<KafkaMetadata, 'topics'>,
): { own: readonly KafkaPartition[]; left: readonly MovedPartition[] } {
  const partitions = byPartition(metadata);
  const isForeign = isForeignTo(state);
  const own: KafkaPartition[] = [];
  const left: MovedPartition[] = [];
  const { original, target } = state.facts;
  const most = new Map<string, number>();
  for (const each of [...original, ...target]) {
    const key = partitionKey(each);
    most.set(key, Math.max(each.replicas.length, most.get(key) ?? 0));
  }
  for (const partition of aimOf(state)) {
    const now = (partitions.get(partitionKey(partition))?.replicas ?? []).map(Number);
    const hasMore = now.length > (most.get(partitionKey(partition)) ?? 0);
    const isOfOthers = hasMore || isForeign({ ...partition, replicas: now, adding: now, removing: [] });
    if (isOfOthers) left.push({ partition, now });
    else own.push(partition);
  }
  return { own, left };
}

/** Others are believed to have placed a partition once two looks show it. */
export const placesOf = (left: readonly MovedPartition[]): ReadonlySet<string> =>
  new Set(left.map(({ partition, now }) => `${partitionKey(partition)} ${now.join()}`));

/** @param named those that were named before, to which these are added */
export async function nameLeft(run: Run, left: readonly MovedPartition[], named: Set<string>): Promise<void> {
  const unnamed = left.filter(({ partition }) => !named.has(partitionKey(partition)));
  if (unnamed.length === 0) return;
  for (const { partition } of unnamed) named.add(partitionKey(partition));
  const places = unnamed.map(
    ({ partition, now }) => `${partitionKey(partition)} on ${now.join()} instead of ${partition.replicas.join()}`,
  );
  await note(
    run,
    `partitions left as others placed them after this change started, ${unnamed.length}: ${places.join('; ')}`,
  );
}
