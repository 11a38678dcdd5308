// Places each partition's replicas at the least cost, with a lower bound on the cost of any placement.

import { evenOut, type Bounds } from './even-out.ts';
import { boundsAround, plainShares, replicaShares } from './even-shares.ts';
import { mostReplicas, type Problem } from './problem.ts';
import { replicaField } from './replica-field.ts';

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
