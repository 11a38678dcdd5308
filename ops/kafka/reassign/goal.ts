// Defines the goals of a plan: balance, broker replacement, replication factor, leaders only, or no change.

import { AppError } from '../../../core/errors.ts';
import { addTo } from '../../../core/get-or-make.ts';
import { partitionKey } from '../live/broker-load.ts';
import type { Balance } from './even-loads.ts';
import type { Assignment } from './files.ts';
import { orderReplicas, type Order } from './order-replicas.ts';
import type { PlacedPartition, Problem } from './problem.ts';

export type Goal =
  | { kind: 'even' }
  /** Broker ids: the leaving broker, and the one that replaces it everywhere. */
  | { kind: 'replace'; from: number; to: number }
  | { kind: 'factor'; replicas: number }
  | { kind: 'leaders' }
  | { kind: 'as-is' };

/** Plans without a search. @returns nothing if replicas must be placed first. @throws AppError reassignment-impossible, usage */
export function settledBy(problem: Problem, goal: Goal, balance: Balance): Order | undefined {
  if (goal.kind === 'leaders') return orderReplicas(problem, balance);
  if (goal.kind === 'as-is') return { replicas: problem.partitions.map(({ replicas }) => replicas), slack: 0 };
  return goal.kind === 'replace' ? { replicas: replaced(problem, goal), slack: 0 } : undefined;
}

/** @returns this placement of the partitions that change; nothing if the cluster has changed too much for it */
export function givenOrder(
  { brokers, live, partitions }: Problem,
  target: Assignment['partitions'],
): Order | undefined {
  const given = new Map(target.map((each) => [partitionKey(each), each.replicas]));
  const ids = brokers.slice(0, live).map(({ id }) => id);
  const replicas = partitions.map(
    (each) => given.get(partitionKey(each))?.map((id) => ids.indexOf(id)) ?? each.replicas,
  );
  return replicas.flat().every((broker) => broker >= 0 && broker < live) ? { replicas, slack: 0 } : undefined;
}

function replaced({ brokers, partitions }: Problem, { from, to }: { from: number; to: number }): number[][] {
  const [leaving, taking] = [from, to].map((id) => brokers.findIndex((broker) => broker.id === id)) as [number, number];
  if (taking < 0) throw new AppError('usage', `--replace ${from}=${to}: unknown broker ${to}`);
  return partitions.map(({ topic, partition, replicas }) => {
    if (!replicas.includes(leaving)) return [...replicas];
    if (brokers[taking]?.isCordoned === true) {
      throw new AppError(
        'reassignment-impossible',
        `broker ${to} cannot replace ${from}: all of its log directories are cordoned`,
        { hint: 'remove cordoned.log.dirs from it, or choose another broker' },
      );
    }
    if (replicas.includes(taking)) {
      throw new AppError(
        'reassignment-impossible',
        `broker ${to} cannot replace ${from}: it has ${topic}-${partition} already`,
        { hint: `plan --remove ${from} instead: its replicas move to brokers with free space` },
      );
    }
    return replicas.map((broker) => (broker === leaving ? taking : broker));
  });
}

/**
 * Changes the problem to one whose partitions have this many replicas. A missing replica waits at a virtual leaving
 * broker, so that the flow places it where it is needed. A surplus replica is removed where most are, which copies
 * nothing.
 *
 * @returns isPlaced if no replica waits, so nothing must be placed
 * @throws AppError reassignment-impossible if there are fewer brokers
 */
export function withFactor(problem: Problem, factor: number): { problem: Problem; isPlaced: boolean } {
  const { live, brokers } = problem;
  if (factor > live) {
    throw new AppError(
      'reassignment-impossible',
      `${factor} replicas need ${factor} brokers, and ${live} ${live === 1 ? 'stays' : 'stay'}`,
      { hint: 'add brokers first, or request fewer replicas' },
    );
  }
  const partitions = dropped(problem, factor);
  const missing = partitions.map(({ replicas }) => factor - replicas.length);
  const most = missing.reduce((one, other) => Math.max(one, other), 0);
  const waiting = Array.from({ length: most }, (_, index) => brokers.length + index);
  return {
    problem: {
      ...problem,
      brokers: [...brokers, ...waiting.map((_, index) => ({ id: -1 - index }))],
      partitions: partitions.map((each, index) => ({
        ...each,
        replicas: [...each.replicas, ...waiting.slice(0, missing[index])],
        origin: problem.partitions[index]?.replicas ?? [],
      })),
    },
    isPlaced: most === 0 && partitions.every(({ replicas }) => replicas.every((broker) => broker < live)),
  };
}

const passes = 3;

/**
 * Removes followers: first of leaving brokers, then of the rack with the most, then out-of-sync ones, then of the
 * broker with the most bytes, or replicas if sizes are unknown.
 */
function dropped({ partitions, live, rackOf, racks, weights }: Problem, factor: number): PlacedPartition[] {
  const sums = new Map<number, number>();
  const load = (broker: number) => (sums.get(broker) ?? 0) / (weights[broker] ?? 1);
  const count = (index: number, replicas: readonly number[], sign: 1 | -1) => {
    for (const broker of replicas) addTo(sums, broker, sign * (1 + (partitions[index]?.bytes ?? 0)));
  };
  const kept = partitions.map(({ replicas }) => [...replicas]);
  for (const [index, replicas] of kept.entries()) count(index, replicas, 1);
  for (let pass = 0; pass < passes; pass += 1) {
    for (const [index, { replicas, lagging = [] }] of partitions.entries()) {
      if (replicas.length <= factor) continue;
      count(index, kept[index] as number[], -1);
      const left = [...replicas];
      while (left.length > factor) left.splice(leastNeeded(left, lagging), 1);
      kept[index] = left;
      count(index, left, 1);
    }
  }
  return partitions.map((each, index) => ({ ...each, replicas: kept[index] as number[] }));

  function leastNeeded(replicas: readonly number[], lagging: readonly number[]): number {
    const inRack = (broker: number) =>
      racks.length === 0 ? 0 : replicas.filter((other) => other < live && rackOf[other] === rackOf[broker]).length;
    const [, ...followers] = replicas;
    const ranks = followers.map((broker) =>
      broker >= live ? [Infinity] : [inRack(broker), Number(lagging.includes(broker)), load(broker)],
    );
    const best = ranks.reduce((found, rank, index) => (isAbove(rank, ranks[found] ?? []) ? index : found), 0);
    return best + 1;
  }
}

/** True if the first number that differs is larger. */
function isAbove(one: readonly number[], other: readonly number[]): boolean {
  const at = one.findIndex((value, index) => value !== other[index]);
  return at >= 0 && (one[at] as number) > (other[at] ?? 0);
}
