// Follows the bytes on each broker through the waves of a plan.

import { partitionKey } from '../live/broker-load.ts';
import type { ReassignmentWave } from './plan-reassignment.ts';

interface BrokerGrowth {
  /** Maximum bytes above the initial ones while a wave copies to the broker, and the number of that wave. */
  peak: number;
  wave: number;
  /** Bytes of each replica that arrives. */
  arriving: number[];
}

/**
 * Brokers keep leaving replicas until a wave ends, beside arriving ones.
 *
 * @param held ids of the brokers that have each partition before the plan, by `topic-partition`
 * @returns the brokers that get replicas, by id
 */
export function growthIn(
  waves: readonly Pick<ReassignmentWave, 'partitions'>[],
  held: ReadonlyMap<string, readonly number[]>,
  bytesOf: { arriving: (key: string) => number; leaving: (key: string, broker: number) => number },
): Map<number, BrokerGrowth> {
  const holders = new Map(held);
  const above = new Map<number, number>();
  const add = (id: number, bytes: number) => above.set(id, (above.get(id) ?? 0) + bytes);
  const growth = new Map<number, BrokerGrowth>();
  for (const [index, { partitions }] of waves.entries()) {
    const left: (readonly [id: number, bytes: number])[] = [];
    for (const { replicas, ...name } of partitions) {
      const key = partitionKey(name);
      const before = holders.get(key) ?? [];
      holders.set(key, replicas);
      for (const id of before) if (!replicas.includes(id)) left.push([id, bytesOf.leaving(key, id)]);
      const bytes = bytesOf.arriving(key);
      for (const id of replicas) {
        if (before.includes(id)) continue;
        add(id, bytes);
        const known = growth.get(id) ?? { peak: -Infinity, wave: 0, arriving: [] };
        known.arriving.push(bytes);
        growth.set(id, known);
      }
    }
    for (const [id, known] of growth) {
      const peak = above.get(id) ?? 0;
      if (peak > known.peak) growth.set(id, { ...known, peak, wave: index + 1 });
    }
    for (const [id, bytes] of left) add(id, -bytes);
  }
  return growth;
}
