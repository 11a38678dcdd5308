// Generates clusters for reassignments, in the format of an operator's files.

import fc from 'fast-check';
import { buildProblem, type ReassignmentRequest } from '../../ops/kafka/reassign/build-problem.ts';
import { planReassignment } from '../../ops/kafka/reassign/plan-reassignment.ts';

/** Balances numbers only, with the fewest moves, unless a tolerance is given. */
export function planOf(
  asked: Partial<ReassignmentRequest> & Pick<ReassignmentRequest, 'assignment' | 'brokers'>,
  tolerance = Infinity,
) {
  const { problem } = buildProblem({ add: [], remove: [], ...asked });
  return { ...planReassignment(problem, { tolerance }), problem };
}

export function assignmentOf(
  replicas: readonly (readonly number[])[],
  topic = 'orders',
): ReassignmentRequest['assignment'] {
  return { version: 1, partitions: replicas.map((each, partition) => ({ topic, partition, replicas: [...each] })) };
}

/** Small enough to try every placement: brokers are added, removed, or neither. */
export const smallAsked: fc.Arbitrary<ReassignmentRequest> = fc
  .record({
    brokers: fc.integer({ min: 2, max: 5 }),
    removed: fc.integer({ min: 0, max: 2 }),
    added: fc.integer({ min: 0, max: 2 }),
    racks: fc.integer({ min: 0, max: 3 }),
    sized: fc.boolean(),
    seeds: fc.array(
      fc.record({
        factor: fc.integer({ min: 1, max: 3 }),
        order: fc.infiniteStream(fc.integer({ min: 0, max: 1000 })),
        bytes: fc.integer({ min: 0, max: 9 }),
      }),
      { minLength: 1, maxLength: 6 },
    ),
  })
  .map(({ brokers, removed, added, racks, sized, seeds }): ReassignmentRequest => {
    const leaving = Math.min(removed, brokers - 1);
    const joining = Math.min(added, brokers - 1);
    const total = brokers + leaving;
    const holding = [...Array(total).keys()].filter((id) => id >= joining);
    const most = Math.min(brokers, holding.length);
    const replicas = seeds.map(({ factor, order }) =>
      holding
        .map((id) => [order.next().value as number, id] as const)
        .toSorted(([one, first], [two, second]) => one - two || first - second)
        .slice(0, Math.min(factor, most))
        .map(([, id]) => id),
    );
    const assignment = assignmentOf(replicas);
    return {
      assignment,
      brokers: [...Array(total).keys()].map((id) => ({ id, ...(racks > 0 && { rack: `r${id % racks}` }) })),
      add: holding.length === total ? [] : [...Array(joining).keys()],
      remove: [...Array(leaving).keys()].map((index) => total - 1 - index),
      ...(sized && {
        sizes: assignment.partitions.map(({ topic, partition }, index) => ({
          topic,
          partition,
          bytes: seeds[index]?.bytes ?? 1,
        })),
      }),
    };
  });

/** Assigns racks in turn, replicas at random with a fixed seed, and leaves a few brokers empty. */
export function largeAsked({
  partitions,
  factor,
  brokers,
  empty,
  racks = 0,
  seed = 12_345,
}: {
  partitions: number;
  factor: number;
  brokers: number;
  empty: number;
  racks?: number;
  seed?: number;
}): ReassignmentRequest {
  let state = seed;
  const random = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
  const replicas = Array.from({ length: partitions }, () => {
    const held = new Set<number>();
    while (held.size < factor) held.add(random(brokers - empty));
    return [...held];
  });
  const assignment = assignmentOf(replicas);
  return {
    assignment,
    brokers: [...Array(brokers).keys()].map((id) => ({ id, ...(racks > 0 && { rack: `r${id % racks}` }) })),
    add: [...Array(empty).keys()].map((index) => brokers - 1 - index),
    remove: [],
    sizes: assignment.partitions.map(({ topic, partition }) => ({ topic, partition, bytes: random(1e9) })),
  };
}
