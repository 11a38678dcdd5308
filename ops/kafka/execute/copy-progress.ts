// Detects whether replica copies progress: a replica grew, or its lag behind the leader shrank.

import { byPartition, partitionKey, type SizeReading } from '../live/broker-load.ts';
import type { View } from './run.ts';

/** Best progress of a replica so far. */
interface Copied {
  bytes: number;
  /** Bytes that the leader has and the replica lacks; absent if the leader was not read. */
  behind?: number;
}

/** By `broker topic-partition`, for each replica that is being added. */
export type Copies = ReadonlyMap<string, Copied>;

export function copiesIn({ moving, metadata }: Pick<View, 'moving' | 'metadata'>, { brokers }: SizeReading): Copies {
  const partitions = byPartition(metadata);
  const held = brokers.flatMap(({ replicas }) => replicas);
  const bytes = new Map(held.map((each) => [keyOf(each.broker, each), each.bytes]));
  return new Map(
    moving.flatMap((each) =>
      each.adding.map((broker): [string, Copied] => {
        const own = bytes.get(keyOf(broker, each)) ?? 0;
        const leader = partitions.get(partitionKey(each))?.leader;
        const whole = leader === undefined ? undefined : bytes.get(keyOf(Number(leader), each));
        return [keyOf(broker, each), { bytes: own, ...(whole !== undefined && { behind: whole - own }) }];
      }),
    ),
  );
}

/**
 * @param best progress of each replica so far
 * @returns whether a replica progressed or completed, and the new best progress of each
 */
export function advance(best: Copies, now: Copies): { isAdvancing: boolean; best: Copies } {
  let isAdvancing = now.size === 0 || [...best.keys()].some((key) => !now.has(key));
  const merged = new Map<string, Copied>();
  for (const [key, { bytes, behind }] of now) {
    const was = best.get(key);
    const isNearer = behind !== undefined && was?.behind !== undefined && behind < was.behind;
    if (was === undefined || bytes > was.bytes || isNearer) isAdvancing = true;
    const least = leastOf(behind, was?.behind);
    merged.set(key, { bytes: Math.max(bytes, was?.bytes ?? 0), ...(least !== undefined && { behind: least }) });
  }
  return { isAdvancing, best: merged };
}

const keyOf = (broker: number, place: { topic: string; partition: number }) => `${broker} ${partitionKey(place)}`;

function leastOf(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}
