// Models leadership changes for the flow search: they change only the order of replicas and move no bytes.

import type { Field } from './even-out.ts';

/**
 * @param replicas live brokers of each partition in the plan
 * @param preferred current leader of each partition, which may no longer hold it
 * @returns the initial field; partitions that lost their leader wait at one place after the live brokers
 */
export function leaderField(
  replicas: readonly (readonly number[])[],
  preferred: readonly number[],
  live: number,
): Field & { readonly leaders: Int32Array } {
  const counts = new Int32Array(live + 1);
  const led = Array.from({ length: live + 1 }, (): number[] => []);
  const leaders = Int32Array.from(replicas, (held, partition) => {
    const wanted = preferred[partition] as number;
    const place = held.includes(wanted) ? wanted : live;
    (led[place] as number[]).push(partition);
    counts[place] = (counts[place] as number) + 1;
    return place;
  });
  const costAt = (partition: number, place: number) => (place === live || place === preferred[partition] ? 0 : 1);

  return {
    counts,
    leaders,

    fillRow(from, row, units) {
      row.fill(Infinity);
      for (const partition of led[from] as number[]) {
        const saved = costAt(partition, from);
        for (const to of replicas[partition] as readonly number[]) {
          const cost = costAt(partition, to) - saved;
          if (to === from || cost >= (row[to] as number)) continue;
          row[to] = cost;
          units[to] = partition;
        }
      }
    },

    move(partition, from, to) {
      const left = led[from] as number[];
      left.splice(left.indexOf(partition), 1);
      (led[to] as number[]).push(partition);
      leaders[partition] = to;
      counts[from] = (counts[from] as number) - 1;
      counts[to] = (counts[to] as number) + 1;
      return [from, to];
    },
  };
}
