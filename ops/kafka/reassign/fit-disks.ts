// Fits a placement to the disks with the cheapest swaps: local search from the placement with the fewest moves.

import type { Placement } from './place-replicas.ts';
import { rackLimit, type Problem } from './problem.ts';

const firstTried = 8;
/** Maximum changes per replica: each change lowers the overload, but some only by a byte. */
const mostChangesPerReplica = 10;

interface Change {
  partition: number;
  from: number;
  to: number;
  /** Partition moved back in exchange; absent if the target has room for one more replica. */
  other?: number;
  gain: number;
  cost: number;
}

export type Fitted =
  | { kind: 'fits'; replicas: readonly (readonly number[])[] }
  /** No single move or swap lowers the overload further, or the maximum was reached. Excess bytes by broker, the largest first. */
  | { kind: 'too-full'; over: readonly { broker: number; bytes: number }[] };

/** @param placement is not modified */
export function fitDisks(problem: Problem, { replicas, high, low }: Placement): Fitted {
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

  const free = (broker: number) => (room[broker] as number) - (used[broker] as number);

  /** Tries the brokers with the most free space first: trying all for each replica takes minutes in large clusters. */
  function best(from: number): Change | undefined {
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
    const excess = over(from);
    for (const to of others) {
      const roomForOne =
        (held[to] as number[]).length < (high[to] as number) && (held[from] as number[]).length > (low[from] as number);
      // Bytes that relieve the source: with less, too little moves; with more, the target overflows, or nothing is gained.
      const edges = [Math.min(excess, free(to)), Math.max(excess, free(to))];
      const gainOf = (less: number) => Math.min(less, excess) - Math.max(0, less - free(to));
      const inExchange = byCost(from, to);
      for (const partition of held[from] as number[]) {
        if (!mayTake(partition, from, to)) continue;
        const size = bytes[partition] as number;
        const cost = costOfMove(partition, from, to);
        if (roomForOne) offer({ partition, from, to, gain: gainOf(size), cost });
        for (const some of inExchange) {
          for (const edge of edges) {
            const at = firstLarger(some, size - edge);
            for (const other of [some[at - 1], some[at]]) {
              if (other === undefined) continue;
              const less = size - (bytes[other] as number);
              if (less <= 0) continue;
              offer({ partition, from, to, other, gain: gainOf(less), cost: cost + costOfMove(other, to, from) });
            }
          }
        }
      }
    }
    return found;
  }

  /**
   * Candidates for the exchange by cost class, ascending by bytes: within a class, gain and cost depend only on the
   * bytes, monotonically between the edges.
   */
  function byCost(from: number, to: number): readonly (readonly number[])[] {
    const classes: [number[], number[], number[]] = [[], [], []];
    for (const other of held[to] as number[]) {
      if (mayTake(other, to, from)) (classes[1 + Math.sign(costOfMove(other, to, from))] as number[]).push(other);
    }
    return classes;
  }

  function firstLarger(ascending: readonly number[], least: number): number {
    let [from, to] = [0, ascending.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((bytes[ascending[middle] as number] as number) > least) to = middle;
      else from = middle + 1;
    }
    return from;
  }

  function move(partition: number, from: number, to: number): void {
    const places = planned[partition] as number[];
    places[places.indexOf(from)] = to;
    const left = held[from] as number[];
    left.splice(left.indexOf(partition), 1);
    const taken = held[to] as number[];
    taken.splice(firstLarger(taken, bytes[partition] as number), 0, partition);
    used[from] = (used[from] as number) - (bytes[partition] as number);
    used[to] = (used[to] as number) + (bytes[partition] as number);
  }

  const overloaded = () =>
    [...used.keys()].filter((broker) => over(broker) > 0).sort((one, two) => over(two) - over(one));

  function bestOfAny(): Change | undefined {
    for (const broker of overloaded()) {
      const change = best(broker);
      if (change !== undefined) return change;
    }
    return undefined;
  }

  const most = mostChangesPerReplica * planned.reduce((sum, places) => sum + places.length, 0);
  for (let changes = 0; changes < most; changes++) {
    const change = bestOfAny();
    if (change === undefined) break;
    move(change.partition, change.from, change.to);
    if (change.other !== undefined) move(change.other, change.to, change.from);
  }
  const left = overloaded().map((broker) => ({ broker, bytes: over(broker) }));
  return left.length === 0 ? { kind: 'fits', replicas: planned } : { kind: 'too-full', over: left };
}
