// Computes the cheapest replicas that reach a goal, and a lower bound on the cost of any plan for it.

import { AppError } from '../../../core/errors.ts';
import { named } from '../../../core/text/bilingual.ts';
import { fitDisks, type Fitted } from './fit-disks.ts';
import { settledBy, withFactor, type Goal } from './goal.ts';
import { orderReplicas, type Order } from './order-replicas.ts';
import { placeReplicas } from './place-replicas.ts';
import type { PlacedPartition, Problem } from './problem.ts';

/**
 * @returns `least`: lower bound of any plan for this goal. @throws AppError reassignment-impossible if racks, disks or
 *   the number of brokers allow no plan
 */
export function reach(problem: Problem, goal: Goal, hasSizes: boolean) {
  const settled = settledBy(problem, goal);
  if (settled !== undefined) return asCounted(problem, settled);
  const wanted = goal.kind === 'factor' ? withFactor(problem, goal.replicas) : { problem, isPlaced: false };
  const { partitions } = wanted.problem;
  if (wanted.isPlaced) return asCounted(problem, orderReplicas(wanted.problem));
  const ones = new Float64Array(partitions.length).fill(1);
  const bytes = Float64Array.from(partitions, (partition) => partition.bytes ?? 1);
  const fewest = placed(wanted.problem, ones);
  const placement = hasSizes ? placed(wanted.problem, bytes) : fewest;
  const fitted: Fitted = hasSizes
    ? fitDisks(wanted.problem, placement)
    : { kind: 'fits', replicas: placement.replicas };
  if (fitted.kind === 'too-full') throw tooFull(wanted.problem, fitted.over);
  const { replicas, slack } = orderReplicas(wanted.problem, fitted.replicas);
  const leastBytes = Math.max(placement.least, bytesWithoutRoom(wanted.problem));
  return {
    replicas,
    least: { replicas: Math.max(fewest.least, leastBytes > 0 ? 1 : 0), bytes: leastBytes },
    slack: { replicas: placement.slack, leaders: slack },
  };
}

function tooFull({ brokers }: Problem, over: Extract<Fitted, { kind: 'too-full' }>['over']): AppError {
  const excess = over.map(({ broker, bytes }) => `broker ${brokers[broker]?.id} with ${bytes} bytes too many`);
  return new AppError(
    'reassignment-impossible',
    `no placement fits on the disks: the best one leaves ${named(excess, 3)}`,
    {
      hint: 'use brokers with larger capacity.diskBytes, or reduce retention: the two files have the current and maximum bytes of each broker',
    },
  );
}

/** If the goal itself determines the copies, their cost is the lower bound. */
function asCounted({ partitions }: Problem, { replicas, slack }: Order) {
  const least = { replicas: 0, bytes: 0 };
  for (const [index, planned] of replicas.entries()) {
    const { replicas: now, bytes = 0 } = partitions[index] as PlacedPartition;
    const coming = planned.filter((broker) => !now.includes(broker)).length;
    least.replicas += coming;
    least.bytes += coming * bytes;
  }
  return { replicas, least, slack: { replicas: 0, leaders: slack } };
}

function placed(problem: Problem, costs: Float64Array) {
  const placement = placeReplicas(problem, costs);
  if (placement !== undefined) return placement;
  throw new AppError('reassignment-impossible', 'no placement keeps the limit of each rack for every partition');
}

/**
 * Bytes that must leave full disks and leaving brokers in any placement: a second bound, which the flow over counts
 * ignores. A partition that loses copies can keep any copy on a disk that fits it, which costs nothing.
 */
function bytesWithoutRoom({ brokers, live, partitions }: Problem): number {
  const used = brokers.map(() => 0);
  let forced = 0;
  for (const { replicas, origin = replicas, bytes = 0 } of partitions) {
    if (origin.length > replicas.length) {
      const fitting = origin.filter(
        (broker) => broker < live && (brokers[broker]?.diskBytes ?? Infinity) >= bytes,
      ).length;
      forced += Math.max(0, replicas.length - fitting) * bytes;
      continue;
    }
    for (const broker of replicas) used[broker] = (used[broker] as number) + bytes;
  }
  return used.reduce((sum, held, broker) => {
    const room = broker < live ? (brokers[broker]?.diskBytes ?? Infinity) : 0;
    return sum + Math.max(0, held - room);
  }, forced);
}
