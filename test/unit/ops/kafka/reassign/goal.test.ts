import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildProblem } from '../../../../../ops/kafka/reassign/build-problem.ts';
import type { Goal } from '../../../../../ops/kafka/reassign/goal.ts';
import { planFindings } from '../../../../../ops/kafka/reassign/plan-findings.ts';
import { planReassignment } from '../../../../../ops/kafka/reassign/plan-reassignment.ts';
import { assignmentOf } from '../../../../support/reassignment-clusters.ts';

function planFor(
  replicas: readonly (readonly number[])[],
  goal: Goal,
  {
    brokers = [1, 2, 3, 4],
    remove = [] as number[],
    racks = 0,
    lagging = [] as number[],
    cordoned = [] as number[],
    absent = [] as number[],
  } = {},
) {
  const assignment = assignmentOf(replicas);
  const { problem } = buildProblem({
    assignment,
    brokers: brokers.map((id) => ({ id, ...(racks > 0 && { rack: `r${id % racks}` }) })),
    add: [],
    remove,
    ...(goal.kind === 'factor' && { factor: goal.replicas }),
    cordoned: new Set(cordoned),
    isLagging: (_, id) => lagging.includes(id),
  });
  const plan = planReassignment(problem, { goal });
  const findings = planFindings(problem, plan, { leftBehind: 0, absent }).map(
    ({ severity, code }) => `${severity} ${code}`,
  );
  const planned = assignment.partitions.map(
    ({ partition, replicas: now }) =>
      plan.plan.partitions.find((each) => each.partition === partition)?.replicas ?? now,
  );
  return { ...plan, planned, findings };
}

test('a replacement copies the replicas of the replaced broker, and nothing else moves', () => {
  const { planned, moves, lowerBound, waves } = planFor(
    [
      [1, 2],
      [2, 3],
      [3, 1],
    ],
    { kind: 'replace', from: 1, to: 4 },
    { remove: [1] },
  );
  expect(planned).toEqual([
    [4, 2],
    [2, 3],
    [3, 4],
  ]);
  expect([moves.replicas, lowerBound.replicas, waves.length]).toEqual([2, 2, 1]);
});

test('a broker whose log directories are all cordoned replaces no other, and gets no further replicas', () => {
  const cordoned = [4];
  expect(() => planFor([[1, 2]], { kind: 'replace', from: 1, to: 4 }, { remove: [1], cordoned })).toThrow(
    'broker 4 cannot replace 1: all of its log directories are cordoned',
  );
  expect(
    planFor([[1], [2], [4]], { kind: 'factor', replicas: 3 }, { cordoned }).planned.map((each) => each.includes(4)),
  ).toEqual([false, false, true]);
  expect(() => planFor([[1, 2]], { kind: 'factor', replicas: 4 }, { cordoned })).toThrow(
    'orders-0 needs 4 brokers, and 3 may hold it; all log directories are cordoned on these brokers, which get no replicas: 4',
  );
});

test('a broker that already holds a partition cannot replace another of its replicas', () => {
  expect(() => planFor([[1, 2]], { kind: 'replace', from: 1, to: 2 }, { remove: [1] })).toThrow(
    'it has orders-0 already',
  );
  expect(() => planFor([[1, 2]], { kind: 'replace', from: 1, to: 9 }, { remove: [1] })).toThrow('unknown broker 9');
});

test('adds missing replicas on the brokers with the fewest, and moves no other replica', () => {
  const { planned, moves, lowerBound, slack } = planFor([[1], [1], [2], [3]], { kind: 'factor', replicas: 2 });
  expect(planned.map(({ length }) => length)).toEqual([2, 2, 2, 2]);
  expect([moves.replicas, lowerBound.replicas, slack.replicas]).toEqual([4, 4, 0]);
  const counts = [1, 2, 3, 4].map((id) => planned.filter((held) => held.includes(id)).length);
  expect(counts).toEqual([2, 2, 2, 2]);
});

test('a plan does not warn against stopping a broker that is no longer in the cluster', () => {
  const goal = { kind: 'replace', from: 3, to: 4 } as const;
  const findingsOf = (...absent: number[]) =>
    planFor([[1, 3], [3]], goal, { brokers: [1, 2, 3, 4], remove: [3], absent }).findings;
  expect(findingsOf()).toContain('critical removal-unsafe');
  expect(findingsOf(3)).not.toContain('critical removal-unsafe');
});

test('removes surplus replicas without a copy, and never the leader if it may stay', () => {
  const now = [
    [1, 2, 3],
    [2, 3, 1],
    [3, 1, 2],
    [1, 3, 2],
  ];
  const { planned, moves, waves } = planFor(now, { kind: 'factor', replicas: 2 }, { brokers: [1, 2, 3] });
  expect(moves.replicas).toBe(0);
  expect(planned.every((held, index) => held.length === 2 && held.every((id) => now[index]?.includes(id)))).toBe(true);
  expect(waves).toHaveLength(1);
  const counts = [1, 2, 3].map((id) => planned.filter((held) => held.includes(id)).length);
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
});

test('accepts fewer replicas that fit on the remaining brokers although the current number does not', () => {
  const now = [
    [1, 2, 3],
    [3, 1, 2],
  ];
  const { planned, moves } = planFor(now, { kind: 'factor', replicas: 2 }, { brokers: [1, 2, 3], remove: [3] });
  expect(planned.map((held) => held.toSorted((one, other) => one - other))).toEqual([
    [1, 2],
    [1, 2],
  ]);
  expect(moves.replicas).toBe(0);
  const full = {
    assignment: assignmentOf(now),
    brokers: [1, 2, 3].map((id) => ({ id, capacity: { diskBytes: 100 } })),
    sizes: now.map((_, partition) => ({ topic: 'orders', partition, bytes: 50 })),
    add: [],
    remove: [3],
  };
  expect(buildProblem({ ...full, factor: 2 }).problem.live).toBe(2);
  expect(() => buildProblem({ ...full, factor: 3 })).toThrow('orders-0 has 3 replicas, but brokers that remain: 2');
});

test('with fewer replicas while a broker leaves, nothing moves because a copy elsewhere stays, and that is the minimum', () => {
  const now = [
    [1, 2],
    [2, 1],
    [2, 3],
    [3, 2],
  ];
  const assignment = assignmentOf(now);
  const { problem } = buildProblem({
    assignment,
    brokers: [{ id: 1 }, { id: 2 }, { id: 3 }],
    sizes: assignment.partitions.map(({ topic, partition }) => ({ topic, partition, bytes: 1000 })),
    add: [],
    remove: [1],
    factor: 1,
  });
  const { moves, lowerBound, gap } = planReassignment(problem, { goal: { kind: 'factor', replicas: 1 } });
  expect([moves.bytes, moves.removed]).toEqual([0, 4]);
  expect([lowerBound, gap]).toEqual([{ replicas: 0, bytes: 0 }, 0]);
});

test('copies a partition whose remaining copies do not fit on their disks, and the minimum includes its bytes', () => {
  const { problem } = buildProblem({
    assignment: assignmentOf([
      [4, 1],
      [3, 1],
      [3, 1],
    ]),
    brokers: [{ id: 1, capacity: { diskBytes: 1000 } }, { id: 3, capacity: { diskBytes: 10_000 } }, { id: 4 }],
    sizes: [1500, 10, 10].map((bytes, partition) => ({ topic: 'orders', partition, bytes })),
    add: [],
    remove: [4],
    factor: 1,
  });
  const { moves, lowerBound, gap } = planReassignment(problem, { goal: { kind: 'factor', replicas: 1 } });
  expect([moves.bytes, lowerBound, gap]).toEqual([1500, { replicas: 1, bytes: 1500 }, 0]);
});

test.each([
  [3, undefined],
  [2, 'warning copies-fewer'],
  [1, 'critical copies-fewer'],
])('with %i replicas instead of 3, the finding about deleted copies is: %s', (replicas, expected) => {
  const now = [
    [1, 2, 3],
    [2, 3, 1],
  ];
  const { moves, findings } = planFor(now, { kind: 'factor', replicas }, { brokers: [1, 2, 3] });
  expect(moves.removed).toBe(replicas === 3 ? undefined : now.length * (3 - replicas));
  expect(findings.find((each) => each.endsWith('copies-fewer'))).toBe(expected);
});

test('removes out-of-sync replicas before others', () => {
  const now = Array.from({ length: 4 }, () => [1, 2, 3]);
  const { planned } = planFor(now, { kind: 'factor', replicas: 2 }, { brokers: [1, 2, 3], lagging: [3] });
  expect(planned.map((held) => held.toSorted((one, other) => one - other))).toEqual(now.map(() => [1, 2]));
});

test('a replacement in another rack is a finding if it crowds that rack', () => {
  const now = [
    [3, 2],
    [1, 2],
  ];
  const to = (id: number) =>
    planFor(now, { kind: 'replace', from: 3, to: id }, { brokers: [1, 2, 3, 4, 5], remove: [3], racks: 2 }).findings;
  // Broker 4 is in the rack of 2, broker 5 in that of 3.
  expect(to(4)).toContain('critical racks-crowded');
  expect(to(5)).not.toContain('critical racks-crowded');
});

test('refuses more replicas than brokers', () => {
  expect(() => planFor([[1]], { kind: 'factor', replicas: 5 })).toThrow('5 replicas need 5 brokers, and 4 stay');
});

test('balancing leaders alone spreads them evenly and moves no replica', () => {
  const now = [
    [1, 2],
    [1, 3],
    [1, 4],
    [1, 2],
  ];
  const { planned, moves } = planFor(now, { kind: 'leaders' });
  expect(moves.replicas).toBe(0);
  expect(planned.map((held) => held.toSorted((one, other) => one - other))).toEqual(now);
  expect([1, 2, 3, 4].map((id) => planned.filter(([leader]) => leader === id).length)).toEqual([1, 1, 1, 1]);
});

test('every partition reaches any replication factor with racks kept and the minimum of copies', () => {
  const cluster = fc.array(fc.shuffledSubarray([1, 2, 3, 4], { minLength: 1, maxLength: 4 }), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(cluster, fc.integer({ min: 1, max: 4 }), fc.constantFrom(0, 2), (now, replicas, racks) => {
      const { planned, moves, lowerBound, gap } = planFor(now, { kind: 'factor', replicas }, { racks });
      expect(planned.every((held) => held.length === replicas && new Set(held).size === replicas)).toBe(true);
      const missing = now.reduce((sum, held) => sum + Math.max(0, replicas - held.length), 0);
      expect(moves.replicas).toBeGreaterThanOrEqual(missing);
      expect([moves.replicas, gap]).toEqual([lowerBound.replicas, 0]);
      if (missing === 0) expect(moves.replicas).toBe(0);
    }),
  );
});
