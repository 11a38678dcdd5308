// Brings the load of each broker into its bounds with the cheapest moves and swaps: local search from a given placement.

import type { Bounds } from './even-out.ts';

/** A load that replicas, or leaders, cause on their brokers, with the bounds of each broker. */
export interface Load {
  /** Load of one replica of each partition. */
  of: readonly number[];
  /** Load of each broker that stays there. */
  base: readonly number[];
  low: readonly number[];
  high: readonly number[];
  /** How much a unit of it counts beside other loads. */
  weight: number;
  /** Smaller excesses are ignored. */
  least: number;
  /** Highest cost of a change for each unit of load that it evens out; absent: no limit. */
  mostCost?: number;
}

interface Field {
  /** Brokers of each partition, changed in place. */
  places: readonly number[][];
  /** The most important one first. */
  loads: readonly Load[];
  /** Bounds of the number of replicas of each broker. */
  counts: Bounds;
  mayTake(partition: number, from: number, to: number): boolean;
  /** Cost of a replica of the partition on the broker. */
  costAt(partition: number, broker: number): number;
}

interface Change {
  partition: number;
  from: number;
  to: number;
  /** Partition moved back in exchange; absent if counts allow a move alone. */
  other?: number;
  gain: number;
  cost: number;
}

const firstTried = 8;
/** Replicas of a broker that are tried first, spread over all of them: trying all takes half a minute in large clusters. */
const mostSampled = 64;
/** Maximum changes per replica: each change lowers the excess, but some only by little. */
const mostChangesPerReplica = 10;

/** Load of a broker outside of its bounds: positive above them, negative below them. */
export const outside = ({ low, high }: Load, broker: number, used: number): number =>
  Math.max(0, used - (high[broker] as number)) - Math.max(0, (low[broker] as number) - used);

/** @returns the load of each broker */
export function usedBy({ of, base }: Pick<Load, 'of' | 'base'>, places: readonly (readonly number[])[]): number[] {
  const used = [...base];
  for (const [partition, held] of places.entries()) {
    for (const broker of held) used[broker] = (used[broker] as number) + (of[partition] as number);
  }
  return used;
}

/** Stops when no single move or swap brings the loads closer to their bounds. */
export function spread(field: Field, brokers: number): void {
  const { places, loads, counts, mayTake, costAt } = field;
  const held = Array.from({ length: brokers }, (): number[] => []);
  for (const [partition, own] of places.entries()) for (const broker of own) held[broker]?.push(partition);
  const used = loads.map((load) => usedBy(load, places));
  const at = (load: number, broker: number) => used[load]?.[broker] as number;
  const ofPartition = (load: number, partition: number) => loads[load]?.of[partition] as number;
  const away = (load: number, broker: number, extra = 0) =>
    outside(loads[load] as Load, broker, at(load, broker) + extra);
  const isUneven = (load: number, broker: number) => Math.abs(away(load, broker)) > (loads[load]?.least ?? 0);

  function gainOf(from: number, to: number, partition: number, other?: number): number {
    let gain = 0;
    for (const [load, { weight }] of loads.entries()) {
      const less = ofPartition(load, partition) - (other === undefined ? 0 : ofPartition(load, other));
      const before = Math.abs(away(load, from)) + Math.abs(away(load, to));
      gain += weight * (before - Math.abs(away(load, from, -less)) - Math.abs(away(load, to, less)));
    }
    return gain;
  }

  /** Brokers that can take or give most of the load first: trying all for each broker takes minutes in large clusters. */
  function best(load: number, broker: number): Change | undefined {
    const isAbove = away(load, broker) > 0;
    const { low, high } = loads[load] as Load;
    const room = (other: number) =>
      isAbove ? (high[other] as number) - at(load, other) : at(load, other) - (low[other] as number);
    const others = [...Array(brokers).keys()].filter((other) => other !== broker && room(other) > 0);
    others.sort((one, two) => room(two) - room(one) || one - two);
    const among = (some: readonly number[], most: number) =>
      isAbove ? bestOf(load, [broker], some, most) : bestOf(load, some, [broker], most);
    return among(others.slice(0, firstTried), mostSampled) ?? among(others, Infinity);
  }

  function bestOf(load: number, sources: readonly number[], targets: readonly number[], most: number) {
    const { weight, least, mostCost = Infinity } = loads[load] as Load;
    let found: Change | undefined;
    const offer = (change: Omit<Change, 'gain'>) => {
      const gain = gainOf(change.from, change.to, change.partition, change.other);
      if (gain <= weight * least || change.cost > mostCost * gain) return;
      if (found === undefined || gain * (1 + Math.max(0, found.cost)) > found.gain * (1 + Math.max(0, change.cost)))
        found = { ...change, gain };
    };
    for (const from of sources) {
      for (const to of targets) {
        const takes = (held[to] as number[]).length < (counts.high[to] as number);
        const mayMove = takes && (held[from] as number[]).length > (counts.low[from] as number);
        const inExchange = byCost(load, from, to);
        const edges = edgesOf(load, from, to);
        const own = held[from] as number[];
        const step = Math.ceil(own.length / most) || 1;
        for (let index = 0; index < own.length; index += step) {
          const partition = own[index] as number;
          if (!mayTake(partition, from, to)) continue;
          const size = ofPartition(load, partition);
          const cost = costAt(partition, to) - costAt(partition, from);
          if (mayMove) offer({ partition, from, to, cost });
          for (const some of inExchange) {
            for (const edge of edges) {
              const place = firstLarger(load, some, size - edge);
              for (const other of [some[place - 1], some[place]]) {
                if (other === undefined || ofPartition(load, other) >= size) continue;
                offer({ partition, from, to, other, cost: cost + costAt(other, from) - costAt(other, to) });
              }
            }
          }
        }
      }
    }
    return found;
  }

  /** The gain rises up to the first of these amounts and falls after the second: it bends where a bound is met. */
  function edgesOf(load: number, from: number, to: number): number[] {
    const { low, high } = loads[load] as Load;
    const bends = [
      at(load, from) - (high[from] as number),
      at(load, from) - (low[from] as number),
      (high[to] as number) - at(load, to),
      (low[to] as number) - at(load, to),
    ];
    return bends.sort((one, two) => one - two).slice(1, 3);
  }

  /** Candidates for the exchange by cost class, ascending by load. */
  function byCost(load: number, from: number, to: number): readonly (readonly number[])[] {
    const classes: [number[], number[], number[]] = [[], [], []];
    for (const other of held[to] as number[]) {
      if (!mayTake(other, to, from)) continue;
      (classes[1 + Math.sign(costAt(other, from) - costAt(other, to))] as number[]).push(other);
    }
    for (const some of classes) some.sort((one, two) => ofPartition(load, one) - ofPartition(load, two) || one - two);
    return classes;
  }

  function firstLarger(load: number, ascending: readonly number[], least: number): number {
    let [from, to] = [0, ascending.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (ofPartition(load, ascending[middle] as number) > least) to = middle;
      else from = middle + 1;
    }
    return from;
  }

  function move(partition: number, from: number, to: number): void {
    const own = places[partition] as number[];
    own[own.indexOf(from)] = to;
    const left = held[from] as number[];
    left.splice(left.indexOf(partition), 1);
    held[to]?.push(partition);
    for (const [load, { of }] of loads.entries()) {
      const size = of[partition] as number;
      const by = used[load] as number[];
      by[from] = (by[from] as number) - size;
      by[to] = (by[to] as number) + size;
    }
  }

  const all = loads.flatMap((_, load) => [...Array(brokers).keys()].map((broker) => ({ load, broker })));
  let changes = mostChangesPerReplica * places.reduce((sum, own) => sum + own.length, 0);
  /** Brokers without a change that helps, until another pass. */
  let stuck = new Set<object>();
  let isChanged = false;
  while (changes > 0) {
    const uneven = all.filter((each) => !stuck.has(each) && isUneven(each.load, each.broker));
    const excess = ({ load, broker }: { load: number; broker: number }) =>
      (loads[load]?.weight ?? 0) * Math.abs(away(load, broker));
    const worst = uneven.reduce<(typeof all)[number] | undefined>(
      (most, each) => (most === undefined || excess(each) > excess(most) ? each : most),
      undefined,
    );
    if (worst === undefined) {
      if (!isChanged) return;
      stuck = new Set();
      isChanged = false;
      continue;
    }
    const change = best(worst.load, worst.broker);
    if (change === undefined) {
      stuck.add(worst);
      continue;
    }
    changes -= 1;
    isChanged = true;
    move(change.partition, change.from, change.to);
    if (change.other !== undefined) move(change.other, change.to, change.from);
  }
}
