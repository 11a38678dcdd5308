// Do the disks hold the plan, and if not, which swaps make it fit at the least cost? Local search from the placement of least movement.

import type { Placement } from './place-replicas.ts';
import { rackLimit, type Problem } from './problem.ts';

const firstTried = 8;

interface Change {
  partition: number;
  from: number;
  to: number;
  /** Comes back in exchange; absent when the other broker has room for one more. */
  other?: number;
  gain: number;
  cost: number;
}

/**
 * @param placement changed in no way
 * @returns replicas that the disks hold, or undefined when no single move or swap lowers the overload any more
 */
export function fitDisks(
  problem: Problem,
  { replicas, high, low }: Placement,
): readonly (readonly number[])[] | undefined {
  const { brokers, live, partitions } = problem;
  const room = brokers.slice(0, live).map(({ diskBytes }) => diskBytes ?? Infinity);
  const bytes = partitions.map((partition) => partition.bytes ?? 0);
  const planned = replicas.map((held) => [...held]);
  const held = Array.from({ length: live }, (): number[] => []);
  const used = Array.from({ length: live }, () => 0);
  for (const [partition, places] of planned.entries()) {
    for (const broker of places) {
      (held[broker] as number[]).push(partition);
      used[broker] = (used[broker] as number) + (bytes[partition] as number);
    }
  }
  const over = (broker: number, extra = 0) => Math.max(0, (used[broker] as number) + extra - (room[broker] as number));

  const mayTake = (partition: number, from: number, to: number) => {
    const places = planned[partition] as number[];
    if (places.includes(to)) return false;
    if (problem.rackOf[from] === problem.rackOf[to]) return true;
    const inRack = places.filter((place) => problem.rackOf[place] === problem.rackOf[to]).length;
    return inRack < rackLimit(problem, places.length);
  };
  const costAt = (partition: number, broker: number) =>
    partitions[partition]?.replicas.includes(broker) === true ? 0 : (bytes[partition] as number);
  const costOfMove = (partition: number, from: number, to: number) => costAt(partition, to) - costAt(partition, from);

  /** Of all brokers with room those with the most are tried first: trying each for each replica takes minutes in large clusters. */
  function best(from: number): Change | undefined {
    const free = (broker: number) => (room[broker] as number) - (used[broker] as number);
    const others = [...Array(live).keys()].filter((to) => to !== from && over(to) === 0);
    others.sort((one, two) => free(two) - free(one) || one - two);
    return bestOf(from, others.slice(0, firstTried)) ?? bestOf(from, others.slice(firstTried));
  }

  function bestOf(from: number, others: readonly number[]): Change | undefined {
    let found: Change | undefined;
    const offer = (change: Change) => {
      if (change.gain <= 0) return;
      if (
        found === undefined ||
        change.gain * (1 + Math.max(0, found.cost)) > found.gain * (1 + Math.max(0, change.cost))
      )
        found = change;
    };
    for (const to of others) {
      const roomForOne =
        (held[to] as number[]).length < (high[to] as number) && (held[from] as number[]).length > (low[from] as number);
      for (const partition of held[from] as number[]) {
        if (!mayTake(partition, from, to)) continue;
        const size = bytes[partition] as number;
        const now = over(from) + over(to);
        if (roomForOne) {
          const gain = now - over(from, -size) - over(to, size);
          offer({ partition, from, to, gain, cost: costOfMove(partition, from, to) });
        }
        for (const other of held[to] as number[]) {
          const less = size - (bytes[other] as number);
          if (less <= 0 || !mayTake(other, to, from)) continue;
          const cost = costOfMove(partition, from, to) + costOfMove(other, to, from);
          offer({ partition, from, to, other, gain: now - over(from, -less) - over(to, less), cost });
        }
      }
    }
    return found;
  }

  function move(partition: number, from: number, to: number): void {
    const places = planned[partition] as number[];
    places[places.indexOf(from)] = to;
    const left = held[from] as number[];
    left.splice(left.indexOf(partition), 1);
    (held[to] as number[]).push(partition);
    used[from] = (used[from] as number) - (bytes[partition] as number);
    used[to] = (used[to] as number) + (bytes[partition] as number);
  }

  for (;;) {
    const full = [...used.keys()].filter((broker) => over(broker) > 0).sort((one, two) => over(two) - over(one));
    if (full.length === 0) return planned;
    const change = full.map(best).find((each) => each !== undefined);
    if (change === undefined) return undefined;
    move(change.partition, change.from, change.to);
    if (change.other !== undefined) move(change.other, change.to, change.from);
  }
}
