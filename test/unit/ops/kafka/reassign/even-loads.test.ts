import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildProblem, type ReassignmentRequest } from '../../../../../ops/kafka/reassign/build-problem.ts';
import { balanceFindings } from '../../../../../ops/kafka/reassign/balance-findings.ts';
import type { Goal } from '../../../../../ops/kafka/reassign/goal.ts';
import { planReassignment } from '../../../../../ops/kafka/reassign/plan-reassignment.ts';
import { assignmentOf, largeAsked } from '../../../../support/reassignment-clusters.ts';

const MiB = 2 ** 20;

function planned(
  asked: Partial<ReassignmentRequest> & Pick<ReassignmentRequest, 'assignment' | 'brokers'>,
  {
    tolerance = 0.1,
    rates,
    goal = { kind: 'even' },
  }: { tolerance?: number; rates?: readonly number[]; goal?: Goal } = {},
) {
  const { problem } = buildProblem({ add: [], remove: [], ...asked });
  const written = rates && new Map(rates.map((rate, partition) => [`orders-${partition}`, rate]));
  const plan = planReassignment(problem, { tolerance, written, goal });
  const changed = new Map(plan.plan.partitions.map(({ partition, replicas }) => [partition, replicas]));
  const after = asked.assignment.partitions.map(({ partition, replicas }) => changed.get(partition) ?? replicas);
  const sums = (of: readonly number[], replicasOf = (replicas: readonly number[]) => replicas) =>
    asked.brokers.map(({ id }) =>
      after.reduce((sum, replicas, index) => sum + (replicasOf(replicas).includes(id) ? (of[index] ?? 0) : 0), 0),
    );
  const findings = balanceFindings(problem, plan, goal, { tolerance, written });
  return {
    plan,
    after,
    sums,
    findings,
    leads: (of: readonly number[]) => sums(of, (replicas) => replicas.slice(0, 1)),
  };
}

const sizesOf = (bytes: readonly number[]) =>
  bytes.map((each, partition) => ({ topic: 'orders', partition, bytes: each }));
const ids = (count: number) => Array.from({ length: count }, (_, id) => ({ id }));

/** Twelve partitions on each of three brokers, from 1 to 12 GB. */
const grown = (() => {
  const bytes = Array.from({ length: 36 }, (_, partition) => (1 + Math.floor(partition / 3)) * 1e9);
  return { bytes, assignment: assignmentOf(bytes.map((_, partition) => [partition % 3])), sizes: sizesOf(bytes) };
})();

test('a new broker gets its share of bytes, instead of the smallest partitions', () => {
  const asked = { ...grown, brokers: ids(4), add: [3] };
  const all = grown.bytes.reduce((sum, each) => sum + each, 0);
  for (const used of planned(asked).sums(grown.bytes)) {
    expect(used).toBeGreaterThanOrEqual((0.9 * all) / 4);
    expect(used).toBeLessThanOrEqual((1.1 * all) / 4);
  }
  // The same number of partitions with the fewest bytes.
  expect(planned(asked, { tolerance: Infinity }).sums(grown.bytes)[3]).toBeLessThan((0.35 * all) / 4);
  const { moves, lowerBound, gap } = planned(asked).plan;
  expect(lowerBound.bytes).toBeGreaterThan((0.89 * all) / 4);
  expect(moves.bytes).toBeLessThan(1.05 * (lowerBound.bytes ?? 0));
  expect(gap).toBeLessThan(0.05);
});

test('large partitions that share a broker are exchanged for small ones, so that numbers stay even', () => {
  const bytes = [100, 100, 100, 1, 1, 1, 1, 1, 1].map((each) => each * 1e9);
  const { sums } = planned({
    assignment: assignmentOf(bytes.map((_, partition) => [Math.floor(partition / 3)])),
    sizes: sizesOf(bytes),
    brokers: ids(3),
  });
  expect(sums(bytes)).toEqual([102e9, 102e9, 102e9]);
  expect(sums(bytes.map(() => 1))).toEqual([3, 3, 3]);
});

test('replicas and leaders are spread by write rate, which sizes do not show', () => {
  const rates = [30, 30, 30, 0, 0, 0, 0, 0, 0].map((each) => each * MiB);
  const bytes = rates.map(() => 1e9);
  const of = (leader: number) => [leader, (leader + 1) % 3];
  const asked = {
    assignment: assignmentOf(bytes.map((_, partition) => of(Math.floor(partition / 3)))),
    sizes: sizesOf(bytes),
    brokers: ids(3),
  };
  const { sums, leads } = planned(asked, { rates });
  expect(sums(rates)).toEqual([60, 60, 60].map((each) => each * MiB));
  expect(leads(rates)).toEqual([30, 30, 30].map((each) => each * MiB));
  expect(planned(asked).plan.moves).toEqual({ replicas: 0, bytes: 0, leaders: 0 });
});

test('uneven write rates do not multiply the data that a new broker gets', () => {
  // Partitions have equal sizes, and their rates fall with the rank, as those of keys do.
  const rates = Array.from({ length: 60 }, (_, partition) => (1000 * MiB) / (1 + ((23 * partition) % 60)) ** 1.5);
  const bytes = rates.map(() => 50e9);
  const asked = {
    assignment: assignmentOf(rates.map((_, partition) => [0, 1, 2].map((next) => (partition + next) % 6))),
    sizes: sizesOf(bytes),
    brokers: ids(7),
    add: [6],
  };
  const copied = (each: ReturnType<typeof planned>) => each.plan.moves.bytes ?? 0;
  const plain = planned(asked);
  const balanced = planned(asked, { rates });
  expect(copied(balanced)).toBeLessThan(1.5 * copied(plain));
  expect(Math.max(...balanced.sums(rates))).toBeLessThan(Math.max(...plain.sums(rates)));
});

test('large partitions of nearly the same size stay, although their brokers are uneven', () => {
  // To exchange 110 GB for 90 GB copies 200 GB, and brings 20 GB within the bounds.
  const bytes = [110, 120, 90, 80].map((each) => each * 1e9);
  const asked = {
    assignment: assignmentOf([[0], [0], [1], [1]]),
    sizes: sizesOf(bytes),
    brokers: ids(2),
  };
  const { plan, findings } = planned(asked);
  expect(plan.plan.partitions).toEqual([]);
  expect(findings.map(({ code }) => code)).toEqual(['load-balance', 'load-uneven']);
});

test('rates below a MiB per second move nothing', () => {
  const rates = [0.3, 0.3, 0.3, 0, 0, 0, 0, 0, 0].map((each) => each * MiB);
  const bytes = rates.map(() => 1e9);
  const asked = {
    assignment: assignmentOf(bytes.map((_, partition) => [Math.floor(partition / 3)])),
    sizes: sizesOf(bytes),
    brokers: ids(3),
  };
  expect(planned(asked, { rates }).plan.plan.partitions).toEqual([]);
});

test('--leaders gives each broker its share of writes without moving data', () => {
  const rates = [30, 30, 20, 20, 10, 10].map((each) => each * MiB);
  const asked = { assignment: assignmentOf(rates.map(() => [0, 1, 2])), brokers: ids(3) };
  const { plan, leads, findings } = planned(asked, { rates, goal: { kind: 'leaders' } });
  expect(leads(rates)).toEqual([40, 40, 40].map((each) => each * MiB));
  expect(plan.moves.replicas).toBe(0);
  expect(findings[0]?.message).toContain('writes to leaders 300% → 100%');
});

test('fewer replicas leave the brokers with the most bytes', () => {
  const bytes = [90, 10, 10, 10].map((each) => each * 1e9);
  const asked = {
    assignment: assignmentOf(bytes.map(() => [0, 1, 2])),
    sizes: sizesOf(bytes),
    brokers: ids(3),
    factor: 2,
  };
  const [, one = 0, two = 0] = planned(asked, { goal: { kind: 'factor', replicas: 2 } }).sums(bytes);
  expect(Math.abs(one - two)).toBe(60e9);
});

test('findings show the fullest broker before and after, what stays uneven, and what is unknown', () => {
  const even = planned({ ...grown, brokers: ids(4), add: [3] });
  expect(even.findings).toMatchObject([
    {
      severity: 'info',
      code: 'load-balance',
      message: expect.stringMatching(/bytes 1\d\d% → 1(0\d|10)%.* It copies 5\d(\.\d)? GB; .* 1\d(\.\d)? GB\./),
    },
  ]);
  const bytes = [90, 1, 1, 1].map((each) => each * 1e9);
  const large = planned({
    assignment: assignmentOf([[0], [0], [1], [1]]),
    sizes: sizesOf(bytes),
    brokers: ids(2),
  });
  expect(large.findings.map(({ code }) => code)).toEqual(['load-balance', 'load-uneven']);
  expect(large.findings[1]?.message).toContain('Broker 0 stays above its even share by more than 10%');
  const unknown = planned({ assignment: assignmentOf([[0], [1]]), brokers: ids(2) });
  expect(unknown.findings.map(({ code }) => code)).toEqual(['balanced-by-number']);
});

test.each([0, 4])('random clusters with %i racks: even bytes, kept racks and numbers, and no second plan', (racks) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
      const asked = largeAsked({ partitions: 200, factor: 3, brokers: 12, empty: 3, racks, seed });
      const bytes = (asked.sizes ?? []).map((each) => each.bytes);
      const { plan, after, sums, findings } = planned(asked);
      const share = (3 * bytes.reduce((sum, each) => sum + each, 0)) / 12;
      for (const used of sums(bytes)) expect(Math.abs(used / share - 1)).toBeLessThan(0.102);
      for (const count of sums(bytes.map(() => 1))) expect(count).toBe(50);
      for (const replicas of racks === 0 ? [] : after) expect(new Set(replicas.map((id) => id % racks)).size).toBe(3);
      expect(plan.lowerBound.bytes).toBeLessThanOrEqual(plan.moves.bytes ?? 0);
      expect(findings.map(({ code }) => code)).toEqual(['load-balance']);
      const again = planned({ ...asked, assignment: assignmentOf(after), add: [] });
      expect([again.plan.moves.replicas, again.plan.moves.leaders]).toEqual([0, 0]);
    }),
    { numRuns: 10 },
  );
});

test('partitions of topics that are not chosen count, although they stay: a full broker gets the small ones', () => {
  const bytes = [1, 2, 3, 4, 5, 6, 7, 8].map((each) => each * 10e9);
  const chosen = assignmentOf(bytes.map((_, partition) => [partition % 2])).partitions;
  const stays = { topic: 'logs', partition: 0, replicas: [1], bytes: 100e9 };
  const asked = {
    assignment: { version: 1 as const, partitions: [...chosen, { topic: 'logs', partition: 0, replicas: [1] }] },
    sizes: [...sizesOf(bytes), { topic: 'logs', partition: 0, bytes: stays.bytes }],
    brokers: ids(2),
    isChosen: (topic: string) => topic === 'orders',
  };
  // 460 GB in all: 230 GB each, of which broker 1 has 100 GB.
  const [first = 0, second = 0] = planned(asked).sums(bytes);
  expect(Math.abs(first - (second + stays.bytes))).toBeLessThanOrEqual(46e9);
  const full = { ...asked, brokers: [0, 1].map((id) => ({ id, capacity: { diskBytes: 200e9 } })) };
  expect(() => planned(full)).toThrow('the replicas take 460000000000 bytes');
  // What stays on a leaving broker needs no other disk.
  const left = { ...full, brokers: [{ id: 0, capacity: { diskBytes: 370e9 } }, { id: 1 }], remove: [1] };
  expect(planned(left).sums(bytes)[0]).toBe(360e9);
});
