// Checks that reassignment plans are minimal and keep their guarantees.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '../../core/errors.ts';
import { buildProblem, type ReassignmentRequest } from '../../ops/kafka/reassign/build-problem.ts';
import { replicaLoads } from '../../ops/kafka/reassign/even-loads.ts';
import { planReassignment } from '../../ops/kafka/reassign/plan-reassignment.ts';
import { outside, usedBy } from '../../ops/kafka/reassign/spread.ts';
import { fewestLeaderChanges, leastByTryingAll } from '../support/exhaustive-placement.ts';
import { planOf, smallAsked } from '../support/reassignment-clusters.ts';

/** Balances numbers only. Racks may lack room for a replica: other tests cover this refusal. */
function planned(asked: ReassignmentRequest, tolerance = Infinity) {
  try {
    const goal = asked.factor === undefined ? undefined : { kind: 'factor' as const, replicas: asked.factor };
    return planReassignment(buildProblem(asked).problem, { tolerance, ...(goal && { goal }) });
  } catch (error) {
    if (error instanceof AppError && error.code === 'reassignment-impossible') return undefined;
    throw error;
  }
}

function after({ assignment }: ReassignmentRequest, plan: NonNullable<ReturnType<typeof planned>>) {
  const changed = new Map(
    plan.plan.partitions.map(({ topic, partition, replicas }) => [`${topic}-${partition}`, replicas]),
  );
  return assignment.partitions.map(
    ({ topic, partition, replicas }) => changed.get(`${topic}-${partition}`) ?? replicas,
  );
}

test('a thousand small clusters move exactly the minimum that an exhaustive search finds', () => {
  let compared = 0;
  fc.assert(
    fc.property(smallAsked, (asked) => {
      const { assignment, remove, sizes } = asked;
      const brokers = asked.brokers.filter(({ id }) => !remove.includes(id)) as { id: number; rack?: string }[];
      const least = (cost: (index: number) => number) =>
        leastByTryingAll({
          brokers,
          partitions: assignment.partitions.map(({ replicas }, index) => ({ replicas, cost: cost(index) })),
        });
      const plan = planned(asked);
      const fewest = least(() => 1);
      if (plan === undefined || fewest === undefined) {
        expect(fewest).toBeUndefined();
        return;
      }
      compared += 1;
      expect(plan.lowerBound.replicas).toBe(fewest);
      if (sizes === undefined) expect(plan.moves.replicas).toBe(fewest);
      else
        expect([plan.moves.bytes, plan.lowerBound.bytes]).toEqual(
          Array(2).fill(least((index) => sizes[index]?.bytes ?? 0)),
        );
      expect(plan.gap).toBe(0);
    }),
    { numRuns: 1000 },
  );
  expect(compared).toBeGreaterThan(700);
});

test('leaders change only as often as an even distribution over the planned replicas requires', () => {
  let compared = 0;
  fc.assert(
    fc.property(smallAsked, (asked) => {
      const plan = planned(asked);
      fc.pre(plan !== undefined);
      const preferred = asked.assignment.partitions.map(({ replicas }) => replicas[0] as number);
      const staying = asked.brokers.map(({ id }) => id).filter((id) => !asked.remove.includes(id));
      const fewest = fewestLeaderChanges(after(asked, plan), preferred, staying);
      if (fewest === undefined) return;
      compared += 1;
      expect(plan.moves.leaders).toBe(fewest);
    }),
    { numRuns: 300 },
  );
  expect(compared).toBeGreaterThan(200);
});

test('waves add one replica per partition at a time and end in the plan, and the rollback restores the start', () => {
  fc.assert(
    fc.property(smallAsked, (asked) => {
      const plan = planned(asked);
      fc.pre(plan !== undefined);
      const now = new Map(asked.assignment.partitions.map(({ partition, replicas }) => [partition, replicas]));
      for (const { partitions } of plan.waves) {
        expect(new Set(partitions.map(({ partition }) => partition)).size).toBe(partitions.length);
        for (const { partition, replicas } of partitions) {
          const before = now.get(partition) ?? [];
          expect(replicas.length).toBe(before.length);
          expect(replicas.filter((id) => !before.includes(id)).length).toBeLessThanOrEqual(1);
          now.set(partition, replicas);
        }
      }
      expect([...now.values()]).toEqual(after(asked, plan));
      expect(plan.rollback.partitions).toEqual(
        plan.plan.partitions.map(({ partition }) => asked.assignment.partitions[partition]),
      );
    }),
    { numRuns: 300 },
  );
});

test('a cordoned broker keeps replicas or gives them away, and gets none; without room elsewhere there is no plan', () => {
  const [factors, tolerances] = [[undefined, 1, 2, 3] as const, [Infinity, 0] as const];
  let refused = 0;
  fc.assert(
    fc.property(
      smallAsked,
      fc.uniqueArray(fc.nat(6), { maxLength: 3 }),
      fc.constantFrom(...factors),
      fc.constantFrom(...tolerances),
      (asked, ids, factor, tolerance) => {
        const cordoned = new Set(ids);
        const staying = asked.brokers.map(({ id }) => id).filter((id) => !asked.remove.includes(id));
        const targets = (held: readonly number[]) => staying.filter((id) => !cordoned.has(id) || held.includes(id));
        const plan = planned({ ...asked, cordoned, factor }, tolerance);
        const held = asked.assignment.partitions.map(({ replicas }) => replicas);
        const isShort = held.some((each) => targets(each).length < (factor ?? each.length));
        if (plan === undefined || isShort) {
          refused += Number(isShort);
          expect(plan).toBeUndefined();
          if (asked.brokers[0]?.rack === undefined) expect(isShort).toBe(true);
          return;
        }
        const arriving = after(asked, plan).map((each, index) => each.filter((id) => !held[index]?.includes(id)));
        expect(arriving.flat().filter((id) => cordoned.has(id))).toEqual([]);
      },
    ),
    { numRuns: 1000 },
  );
  expect(refused).toBeGreaterThan(50);
});

test('renumbered brokers do not change the moves, and the same input produces the same plan', () => {
  fc.assert(
    fc.property(smallAsked, (asked) => {
      const plan = planned(asked);
      fc.pre(plan !== undefined);
      const other = (id: number) => 100 - id;
      const renamed = planned({
        ...asked,
        assignment: {
          version: 1,
          partitions: asked.assignment.partitions.map((each) => ({ ...each, replicas: each.replicas.map(other) })),
        },
        brokers: asked.brokers.map((broker) => ({ ...broker, id: other(broker.id) })),
        add: asked.add.map(other),
        remove: asked.remove.map(other),
      });
      expect(renamed?.lowerBound).toEqual(plan.lowerBound);
      expect(planned(asked)).toEqual(plan);
    }),
    { numRuns: 300 },
  );
});

test('a completed plan leaves nothing to move, and scaled capacity does not change the moves', () => {
  fc.assert(
    fc.property(smallAsked, fc.integer({ min: 2, max: 50 }), (asked, factor) => {
      const plan = planned(asked);
      fc.pre(plan !== undefined);
      const done = after(asked, plan);
      const { problem: _, ...again } = planOf({
        ...asked,
        assignment: {
          version: 1,
          partitions: asked.assignment.partitions.map((each, index) => ({ ...each, replicas: done[index] ?? [] })),
        },
        add: [],
      });
      expect([again.moves.replicas, again.moves.leaders]).toEqual([0, 0]);
      const wide = (bytes: number) =>
        planned({ ...asked, brokers: asked.brokers.map((broker) => ({ ...broker, capacity: { diskBytes: bytes } })) });
      expect(wide(1000 * factor)?.moves).toEqual(wide(1000)?.moves);
    }),
    { numRuns: 200 },
  );
});

test('even bytes cost at most two bytes of copies for each byte that comes within the bounds', () => {
  let evened = 0;
  fc.assert(
    fc.property(smallAsked, (small) => {
      const sizes = small.sizes?.map((each) => ({ ...each, bytes: each.bytes * 1e11 }));
      fc.pre(sizes !== undefined);
      const asked = { ...small, sizes };
      const [plain, even] = [planned(asked), planned(asked, 0.1)];
      fc.pre(plain !== undefined && even !== undefined);
      const { problem } = buildProblem(asked);
      const indexOf = new Map(problem.brokers.map(({ id }, index) => [id, index]));
      const outsideAfter = (plan: typeof plain) => {
        const replicas = after(asked, plan);
        const places = problem.partitions.map(({ partition }) =>
          (replicas[partition] ?? []).map((id) => indexOf.get(id) ?? -1),
        );
        return replicaLoads(problem, { tolerance: 0.1 }).bytes.reduce(
          (sum, load) =>
            usedBy(load, places).reduce((all, used, broker) => all + Math.abs(outside(load, broker, used)), sum),
          0,
        );
      };
      const gained = outsideAfter(plain) - outsideAfter(even);
      evened += Number(gained > 0);
      expect((even.moves.bytes ?? 0) - (plain.moves.bytes ?? 0)).toBeLessThanOrEqual(2 * gained + 1);
    }),
    { numRuns: 500 },
  );
  expect(evened).toBeGreaterThan(50);
});
