// Reads the current state of a reassignment, and counts the replicas and bytes copied and the replicas removed so far.

import { byPartition, partitionKey, type SizeReading } from '../live/broker-load.ts';
import { aimOf, type Progress, type Run, type View } from './run.ts';

/** Bytes of each partition, by `topic-partition`. */
export type Sizes = ReadonlyMap<string, number>;

export async function look({ changes, signal }: Pick<Run, 'changes' | 'signal'>): Promise<View> {
  const [metadata, moving] = await Promise.all([changes.describe({ signal }), changes.moving({ signal })]);
  return { metadata, moving, alive: new Set(metadata.brokers.map(({ id }) => Number(id))) };
}

/** A replica counts as copied once it is in sync; until then its copied bytes count. */
export function progressOf(
  { journal }: Pick<Run, 'journal'>,
  { metadata, moving }: View,
  reading: SizeReading | undefined,
  sizes: Sizes,
): Progress {
  const before = journal.direction === 'forward' ? journal.facts.original : journal.facts.target;
  const from = new Map(before.map((each) => [partitionKey(each), each.replicas]));
  const adding = new Map(moving.map((each) => [partitionKey(each), new Set(each.adding)]));
  const held = byPartition(metadata);
  const replicas = (reading?.brokers ?? []).flatMap((each) => each.replicas);
  const copied = new Map(replicas.map((each) => [`${each.broker} ${partitionKey(each)}`, each.bytes]));
  const progress = { replicas: { done: 0, all: 0 }, bytes: { done: 0, all: 0 }, moving: moving.length };
  const removed = { done: 0, all: 0 };
  for (const partition of aimOf(journal)) {
    const key = partitionKey(partition);
    const bytes = sizes.get(key) ?? 0;
    const former = from.get(key)?.length ?? 0;
    const surplus = Math.max(0, former - partition.replicas.length);
    const gone = former - (held.get(key)?.replicas.length ?? former);
    removed.all += surplus;
    removed.done += Math.min(surplus, Math.max(0, gone));
    for (const broker of partition.replicas) {
      if (from.get(key)?.includes(broker)) continue;
      progress.replicas.all += 1;
      progress.bytes.all += bytes;
      if (adding.get(key)?.has(broker)) progress.bytes.done += Math.min(bytes, copied.get(`${broker} ${key}`) ?? 0);
      else if (held.get(key)?.replicas.includes(String(broker))) {
        progress.replicas.done += 1;
        progress.bytes.done += bytes;
      }
    }
  }
  return { ...progress, ...(removed.all > 0 && { removed }) };
}
