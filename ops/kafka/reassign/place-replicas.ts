// Places each partition's replicas at the least cost, with a lower bound on the cost of any placement.

import { evenOut, type Bounds, type Field } from './even-out.ts';
import { boundsAround, plainShares, replicaShares } from './even-shares.ts';
import { mostReplicas, type Problem, rackLimit } from './problem.ts';

export interface Placement {
  /** Brokers of each partition, unordered. */
  replicas: readonly (readonly number[])[];
  /** Lower bound: least sum of costs of any placement within the bounds. */
  least: number;
  /** How far a broker's count exceeds floor and ceiling of its share, because racks allow nothing closer. */
  slack: number;
  /** Maximum replicas of each broker. */
  high: Int32Array;
  low: Int32Array;
}

/** @returns undefined if no placement satisfies the rack limits */
export function placeReplicas(problem: Problem, costs: Float64Array): Placement | undefined {
  const { partitions, live } = problem;
  for (const bounds of boundsToTry(problem)) {
    const field = replicaField(problem, costs);
    const { holders, width, counts } = field;
    const left = evenOut(field, bounds);
    const isShort = bounds.low.some((low, place) => (counts[place] as number) < low);
    if (left > 0 || isShort) continue;
    const replicas = partitions.map((_, partition) =>
      [...holders.subarray(partition * width, (partition + 1) * width)].filter((place) => place >= 0),
    );
    const slack = beyond(counts.subarray(0, live), boundsAround(plainShares(problem), 0, 0));
    return { replicas, least: costOf(problem, replicas, costs), slack, ...bounds };
  }
  return undefined;
}

/** First floor and ceiling of the mean, then of the closest shares that racks allow, then with increasing slack. */
function* boundsToTry(problem: Problem): Iterable<Bounds> {
  const waiting = mostReplicas(problem);
  yield boundsAround(plainShares(problem), waiting, 0);
  const shares = replicaShares(problem);
  for (let slack = 0; slack <= 2 * problem.partitions.length; slack = Math.max(1, 2 * slack)) {
    const bounds = boundsAround(shares, waiting, slack);
    yield { low: bounds.low, high: bounds.high.map((high, place) => (place < problem.live ? high : 0)) };
  }
}

function beyond(counts: Int32Array, { low, high }: Bounds): number {
  return counts.reduce(
    (most, count, place) => Math.max(most, count - (high[place] as number), (low[place] as number) - count),
    0,
  );
}

/** Sum of costs of replicas on brokers that do not hold them now. */
function costOf({ partitions }: Problem, planned: readonly (readonly number[])[], costs: Float64Array): number {
  return planned.reduce((sum, replicas, index) => {
    const { replicas: held = [], origin: now = held } = partitions[index] ?? {};
    return sum + replicas.filter((broker) => !now.includes(broker)).length * (costs[index] as number);
  }, 0);
}

interface ReplicaField extends Field {
  /** Replicas of each partition: live brokers, or waiting places after them, padded with -1 to `width`. */
  readonly holders: Int32Array;
  readonly width: number;
}

/** Number of replicas of equal cost to check for one that does not lead: a broker that leads all its replicas is rare. */
const mostLooked = 16;

/**
 * @param costs of a replica on a broker that does not hold it yet, by partition, ascending; its current place costs
 *   nothing
 * @returns the initial field: every replica in place, except those of leaving brokers and those above their rack's
 *   limit, which wait at separate places after the live brokers. It does not matter which replica of a rack waits:
 *   moving back is free.
 */
function replicaField(problem: Problem, costs: Float64Array): ReplicaField {
  const { partitions, live, rackOf } = problem;
  const width = mostReplicas(problem);
  const places = live + width;
  const racks = Math.max(1, problem.racks.length);
  const original = new Int32Array(partitions.length * width).fill(-1);
  const holders = new Int32Array(partitions.length * width).fill(-1);
  const limits = Int32Array.from(partitions, ({ replicas }) => rackLimit(problem, replicas.length));
  const counts = new Int32Array(places);
  /**
   * By place and rack: partitions that never left, partitions that arrived, and (by place only) partitions that can
   * return to a former place.
   */
  const stayed = Array.from({ length: places * racks }, (): number[] => []);
  const came = Array.from({ length: places * racks }, (): number[] => []);
  const uprooted = Array.from({ length: places }, (): number[] => []);

  const holder = (slot: number) => holders[slot] as number;
  const costOf = (partition: number) => costs[partition] as number;
  const isIn = (slots: Int32Array, partition: number, place: number) => {
    const end = (partition + 1) * width;
    for (let slot = partition * width; slot < end; slot += 1) if (slots[slot] === place) return true;
    return false;
  };
  const wasAt = (partition: number, place: number) => place >= live || isIn(original, partition, place);
  const hasRoom = (partition: number, rack: number) => {
    let held = 0;
    for (let slot = partition * width; slot < (partition + 1) * width; slot += 1) {
      const place = holder(slot);
      if (place >= 0 && place < live && rackOf[place] === rack) held += 1;
    }
    return held < (limits[partition] as number);
  };
  const mayGo = (partition: number, from: number, rack: number) =>
    (from < live && rackOf[from] === rack) || hasRoom(partition, rack);
  /** Cheapest replica that may move to the place; of several, one whose leader is not the source. */
  const cheapest = (ascending: readonly number[], from: number, to: number) => {
    let first: number | undefined;
    let looked = 0;
    for (const each of ascending) {
      if (isIn(holders, each, to)) continue;
      first ??= each;
      looked += 1;
      if (costOf(each) > costOf(first) || looked > mostLooked) break;
      if (partitions[each]?.replicas[0] !== from) return each;
    }
    return first;
  };
  const placesOf = (partition: number) =>
    [...holders.subarray(partition * width, (partition + 1) * width)].filter((place) => place >= 0);

  function isUprooted(partition: number): boolean {
    for (let slot = partition * width; slot < (partition + 1) * width; slot += 1) {
      const place = original[slot] as number;
      if (place >= 0 && !isIn(holders, partition, place)) return true;
    }
    return false;
  }

  function list(partition: number, change: (list: number[], partition: number) => void): void {
    const isAway = isUprooted(partition);
    for (const place of placesOf(partition)) {
      const lists = wasAt(partition, place) ? stayed : came;
      for (let rack = 0; rack < racks; rack += 1) {
        if (mayGo(partition, place, rack)) change(lists[place * racks + rack] as number[], partition);
      }
      if (isAway) change(uprooted[place] as number[], partition);
    }
  }

  for (const [partition, { replicas, origin = replicas }] of partitions.entries()) {
    for (const [index, broker] of origin.entries()) if (broker < live) original[partition * width + index] = broker;
    let waiting = 0;
    for (const [index, broker] of replicas.entries()) {
      const slot = partition * width + index;
      const stays = broker < live && hasRoom(partition, rackOf[broker] as number);
      const place = stays ? broker : live + waiting;
      if (!stays) waiting += 1;
      holders[slot] = place;
      counts[place] = (counts[place] as number) + 1;
    }
    list(partition, insert);
  }

  return {
    counts,
    holders,
    width,

    fillRow(from, row, units) {
      row.fill(Infinity);
      for (let to = 0; to < live; to += 1) {
        if (to === from || problem.brokers[to]?.isCordoned === true) continue;
        const lists = from * racks + (rackOf[to] as number);
        const free = (came[lists] as number[]).find((each) => !isIn(holders, each, to));
        const any = free ?? cheapest(stayed[lists] as number[], from, to);
        if (any === undefined) continue;
        row[to] = free === undefined ? costOf(any) : 0;
        units[to] = any;
      }
      for (const partition of uprooted[from] as number[]) {
        const gain = wasAt(partition, from) ? 0 : -costOf(partition);
        for (let slot = partition * width; slot < (partition + 1) * width; slot += 1) {
          const home = original[slot] as number;
          if (home < 0 || gain >= (row[home] as number) || isIn(holders, partition, home)) continue;
          if (!mayGo(partition, from, rackOf[home] as number)) continue;
          row[home] = gain;
          units[home] = partition;
        }
      }
    },

    move(partition, from, to) {
      list(partition, remove);
      const touched = [...placesOf(partition), to];
      const slot = holders.subarray(partition * width, (partition + 1) * width).indexOf(from);
      holders[partition * width + slot] = to;
      counts[from] = (counts[from] as number) - 1;
      counts[to] = (counts[to] as number) + 1;
      list(partition, insert);
      return touched;
    },
  };
}

/** Index of the value in an ascending list, or where it would be inserted. */
function placeIn(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** If several replicas of a partition wait, each waiting place has a separate list, so no list contains a partition twice. */
function insert(sorted: number[], value: number): void {
  sorted.splice(placeIn(sorted, value), 0, value);
}

function remove(sorted: number[], value: number): void {
  sorted.splice(placeIn(sorted, value), 1);
}
