import { expect, test } from 'vitest';
import { AppError } from '../../../../../core/errors.ts';
import { buildProblem, type ReassignmentRequest } from '../../../../../ops/kafka/reassign/build-problem.ts';
import { planFindings } from '../../../../../ops/kafka/reassign/plan-findings.ts';
import { planReassignment } from '../../../../../ops/kafka/reassign/plan-reassignment.ts';
import { leastFlowCost, type Arc } from '../../../../support/arc-flow.ts';
import { leastByTryingAll } from '../../../../support/exhaustive-placement.ts';
import { assignmentOf, largeAsked, planOf } from '../../../../support/reassignment-clusters.ts';
import { planWaves } from '../../../../../ops/kafka/reassign/waves.ts';

const sixByThree = [
  [1, 2, 0],
  [2, 0, 1],
  [0, 1, 2],
  [1, 0, 2],
  [2, 1, 0],
  [0, 2, 1],
];
const ids = (...numbers: number[]) => numbers.map((id) => ({ id }));

test('with six partitions of three replicas, four replicas move to a new broker, and no placement moves fewer', () => {
  const { moves, lowerBound, gap, plan } = planOf({
    assignment: assignmentOf(sixByThree),
    brokers: ids(0, 1, 2, 4),
    add: [4],
  });
  expect([moves, lowerBound, gap]).toEqual([{ replicas: 4, leaders: 1 }, { replicas: 4 }, 0]);
  const partitions = sixByThree.map((replicas) => ({ replicas, cost: 1 }));
  expect(leastByTryingAll({ brokers: ids(0, 1, 2, 4), partitions })).toBe(4);
  expect(plan.partitions.length).toBe(4);
});

test.each([[undefined], [0], [700]])('moves followers rather than leaders at the same cost: sizes of %s', (bytes) => {
  const lying = sixByThree.map((replicas) => replicas.map((id) => 3 - id));
  const { moves } = planOf({
    assignment: assignmentOf(lying),
    brokers: ids(1, 2, 3, 4),
    add: [4],
    ...(bytes !== undefined && { sizes: assignmentOf(lying).partitions.map((each) => ({ ...each, bytes })) }),
  });
  // Broker 4 leads one partition: no even plan moves fewer leaders.
  expect([moves.replicas, moves.leaders]).toEqual([4, 1]);
});

test.each([
  ['quiet partitions move while others fill most of a link', 1e6, 18e6, []],
  ['partitions that receive more than the links have free', 10e6, undefined, ['no-room-to-move']],
] as const)('checks the free capacity of links: %s', (_, written, throttle, expected) => {
  const assignment = assignmentOf(sixByThree);
  const { problem } = buildProblem({
    assignment,
    brokers: [0, 1, 2, 4].map((id) => ({ id, capacity: { networkBytesPerSecond: 100e6 } })),
    sizes: assignment.partitions.map(({ topic, partition }) => ({ topic, partition, bytes: 1e9 })),
    add: [4],
    remove: [],
  });
  const rates = new Map(assignment.partitions.map(({ topic, partition }) => [`${topic}-${partition}`, written]));
  const plan = planReassignment(problem, { incoming: 60e6, written: rates });
  expect(plan.waves[0]?.throttleBytesPerSecond).toBe(throttle);
  const codes = planFindings(problem, plan, { leftBehind: 0, incoming: 60e6 }).map(({ code }) => code);
  expect(codes.filter((code) => code === 'no-room-to-move')).toEqual(expected);
});

test.each([
  ['links of known speed', { networkBytesPerSecond: 100e6 }],
  ['links of unknown speed', undefined],
])('a requested rate decides throttle and duration with %s, unless copies would not catch up', (_, capacity) => {
  const assignment = assignmentOf(sixByThree);
  const { problem } = buildProblem({
    assignment,
    brokers: [0, 1, 2, 4].map((id) => ({ id, ...(capacity && { capacity }) })),
    sizes: assignment.partitions.map(({ topic, partition }) => ({ topic, partition, bytes: 1e9 })),
    add: [4],
    remove: [],
  });
  const first = (throttle: number) => planReassignment(problem, { incoming: 10e6, throttle }).waves[0];
  expect(first(2e6)).toMatchObject({
    throttleBytesPerSecond: 2e6,
    etaSeconds: { low: 2000, mid: 2000, high: 4000 },
  });
  expect(first(10)?.throttleBytesPerSecond).toBe(2 ** 20);
});

test('unknown incoming traffic is a finding only if the throttle depends on it', () => {
  const assignment = assignmentOf(sixByThree);
  const { problem } = buildProblem({
    assignment,
    brokers: [0, 1, 2, 4].map((id) => ({ id, capacity: { networkBytesPerSecond: 100e6 } })),
    add: [4],
    remove: [],
  });
  const codesWith = (options: { incoming?: number; throttle?: number }) =>
    planFindings(problem, planReassignment(problem, options), { leftBehind: 0, ...options }).map(({ code }) => code);
  expect(codesWith({})).toContain('incoming-unknown');
  expect(codesWith({ incoming: 10e6 })).not.toContain('incoming-unknown');
  expect(codesWith({ throttle: 20e6 })).not.toContain('incoming-unknown');
});

test('a leaving broker that holds only topics that are not chosen is reported once', () => {
  const { problem, ...plan } = planOf({ assignment: assignmentOf([[1, 2]]), brokers: ids(1, 2, 3), remove: [3] });
  const codes = planFindings(problem, plan, { leftBehind: 2 }).map(({ code }) => code);
  expect(codes.filter((code) => /removal|left/.test(code))).toEqual(['left-behind']);
});

test('a partition whose only copy is on a leaving broker moves first', () => {
  const assignment = {
    version: 1 as const,
    partitions: [
      { topic: 'alone', partition: 0, replicas: [3] },
      ...assignmentOf(sixByThree.map((replicas) => replicas.map((id) => id + 1))).partitions,
    ],
  };
  const plan = planOf({ assignment, brokers: ids(0, 1, 2, 3), remove: [3] });
  expect(plan.waves[0]?.partitions.map(({ topic }) => topic)).toContain('alone');
  expect(plan.problem.live).toBe(3);
  const messages = planFindings(plan.problem, plan, { leftBehind: 0 }).map(({ message }) => message);
  expect(messages).toContainEqual(expect.stringContaining('It has the only copy of alone-0: '));
});

test('no rack holds more than its share of a partition, although two racks held all of it before', () => {
  const brokers = [0, 1, 2, 3, 4, 5].map((id) => ({ id, rack: 'abc'[id % 3] as string }));
  const crowded = [
    [0, 3, 1],
    [1, 4, 2],
    [2, 5, 0],
    [3, 0, 4],
  ];
  const { plan, moves, lowerBound } = planOf({ assignment: assignmentOf(crowded), brokers });
  for (const { replicas } of plan.partitions) expect(new Set(replicas.map((id) => id % 3)).size).toBe(3);
  expect([plan.partitions.length, moves.replicas]).toEqual([4, lowerBound.replicas]);
});

test('a rack of one broker among racks of three holds what the limit allows, and the plan reports the imbalance', () => {
  const brokers = ['a', 'b', 'b', 'b', 'c', 'c', 'c'].map((rack, id) => ({ id, rack }));
  const assignment = assignmentOf(
    Array.from({ length: 9 }, (_, index) => [1 + (index % 3), 4 + (index % 3), 1 + ((index + 1) % 3)]),
  );
  const { plan, slack } = planOf({ assignment, brokers });
  expect(plan.partitions.every(({ replicas }) => replicas.includes(0))).toBe(true);
  expect(slack.replicas).toBe(5);
});

test('a broker with twice the capacity holds twice the replicas', () => {
  const brokers = [2, 1, 1].map((size, id) => ({ id, capacity: { diskBytes: size * 1e12 } }));
  const assignment = assignmentOf(Array.from({ length: 16 }, (_, index) => [1 + (index % 2)]));
  const { plan, moves } = planOf({ assignment, brokers });
  expect([moves.replicas, plan.partitions.filter(({ replicas }) => replicas[0] === 0).length]).toEqual([8, 8]);
});

test('if the minimal plan overfills a disk, a swap makes it fit and the gap shows the cost', () => {
  const assignment = assignmentOf([[0], [0], [1], [1]]);
  const sizes = [10, 90, 60, 40].map((bytes, partition) => ({ topic: 'orders', partition, bytes }));
  const withDisks = (diskBytes: number): ReassignmentRequest => ({
    assignment,
    sizes,
    brokers: [0, 1].map((id) => ({ id, capacity: { diskBytes } })),
    add: [],
    remove: [],
  });
  expect(planOf(withDisks(100)).moves.bytes).toBe(0);
  const crowded = { ...withDisks(100), assignment: assignmentOf([[0], [0], [0], [1]]) };
  const tight = planOf(crowded);
  const used = crowded.assignment.partitions.map(({ partition, replicas }) => {
    const planned = tight.plan.partitions.find((each) => each.partition === partition)?.replicas ?? replicas;
    return { broker: planned[0], bytes: sizes[partition]?.bytes ?? 0 };
  });
  for (const broker of [0, 1]) {
    expect(
      used.filter((each) => each.broker === broker).reduce((sum, { bytes }) => sum + bytes, 0),
    ).toBeLessThanOrEqual(100);
  }
  expect([tight.lowerBound.bytes, tight.moves.bytes, tight.gap]).toEqual([60, 60, 0]);
  // 10 bytes have to leave; the cheapest exchange that moves them is 40 for 20.
  const swapped = planOf({
    ...withDisks(100),
    sizes: [70, 40, 30, 20].map((bytes, partition) => ({ topic: 'orders', partition, bytes })),
  });
  expect([swapped.lowerBound.bytes, swapped.moves.bytes, swapped.gap]).toEqual([10, 60, 5]);
  // Its disk holds 110 before, and receives 20 before it releases 40.
  const fullOf = (plan: typeof swapped) =>
    planFindings(plan.problem, plan, { leftBehind: 0 }).filter(({ code }) => code === 'disk-full-during-plan');
  expect(fullOf(swapped)).toMatchObject([
    {
      severity: 'critical',
      message: expect.stringMatching(
        /^In wave 1, broker 0 would need 130% of its disk.* --execute begins only moves that have room/,
      ),
      messageZh: expect.stringContaining('第 1 批期间，Broker 0 将占用其磁盘的 130%'),
    },
  ]);
  expect(fullOf(tight)).toEqual([]);
  expect(planOf({ ...crowded, brokers: [0, 1].map((id) => ({ id, capacity: { diskBytes: 200 } })) }).gap).toBe(0);
});

test('a plan that fills disks to 98% costs little more than the lower bound', () => {
  const asked = largeAsked({ partitions: 400, factor: 3, brokers: 12, empty: 2 });
  const all = (asked.sizes ?? []).reduce((sum, { bytes }) => sum + 3 * bytes, 0);
  const diskBytes = Math.round(all / 12 / 0.98);
  const { plan, gap } = planOf({
    ...asked,
    brokers: asked.brokers.map((one) => ({ ...one, capacity: { diskBytes } })),
  });
  const planned = new Map(plan.partitions.map(({ topic, partition, replicas }) => [`${topic} ${partition}`, replicas]));
  const size = new Map(asked.sizes?.map(({ topic, partition, bytes }) => [`${topic} ${partition}`, bytes]));
  const used = new Map<number, number>();
  for (const { topic, partition, replicas } of asked.assignment.partitions) {
    const key = `${topic} ${partition}`;
    for (const broker of planned.get(key) ?? replicas) used.set(broker, (used.get(broker) ?? 0) + (size.get(key) ?? 0));
  }
  expect(Math.max(...used.values())).toBeLessThanOrEqual(diskBytes);
  expect(gap).toBeLessThan(0.02);
});

test('refuses a plan if the total fits on the disks but no placement does', () => {
  const asked = {
    assignment: assignmentOf([[0], [0], [0]]),
    sizes: [60, 60, 60].map((bytes, partition) => ({ topic: 'orders', partition, bytes })),
    brokers: [0, 1].map((id) => ({ id, capacity: { diskBytes: 90 } })),
  };
  expect(() => planOf(asked)).toThrow(AppError);
  expect(() => planOf(asked)).toThrow(
    /no placement fits on the disks: the best one leaves broker [01] with 30 bytes too many/,
  );
});

test.each([0, 3])('costs as much as a minimum-cost flow with explicit arcs, with %i racks', (racks) => {
  const asked = largeAsked({ partitions: 60, factor: 3, brokers: 9, empty: 2, racks });
  const { moves, gap } = planOf(asked);
  expect([moves.bytes, gap]).toEqual([leastByArcs(asked, racks), 0]);
});

test('a large cluster moves only replicas above the ceiling or missing below the floor', () => {
  const asked = largeAsked({ partitions: 2000, factor: 3, brokers: 40, empty: 4 });
  const { sizes: _, ...unsized } = asked;
  const counts = new Map(asked.brokers.map(({ id }) => [id, 0]));
  for (const { replicas } of asked.assignment.partitions)
    for (const id of replicas) counts.set(id, (counts.get(id) ?? 0) + 1);
  const sum = (beyond: (count: number) => number) =>
    [...counts.values()].reduce((total, count) => total + Math.max(0, beyond(count)), 0);
  const least = Math.max(
    sum((count) => count - 150),
    sum((count) => 150 - count),
  );
  const { moves, lowerBound, slack } = planOf(unsized);
  expect([moves.replicas, lowerBound.replicas, slack]).toEqual([least, least, { replicas: 0, leaders: 0 }]);
});

test('a broker that joined and leaves again returns the same replicas, and no others move', () => {
  const asked = { assignment: assignmentOf(sixByThree), brokers: ids(0, 1, 2, 4) };
  const joined = planOf({ ...asked, add: [4] });
  const after = sixByThree.map(
    (replicas, partition) => joined.plan.partitions.find((each) => each.partition === partition)?.replicas ?? replicas,
  );
  const left = planOf({ assignment: assignmentOf(after), brokers: asked.brokers, remove: [4] });
  expect([left.moves.replicas, left.lowerBound.replicas]).toEqual([4, 4]);
});

/** The nodes are: source, partitions, partitions in racks, brokers, one for replicas above the floor, sink. */
function leastByArcs({ assignment, brokers, sizes = [] }: ReassignmentRequest, racks: number): number | undefined {
  const count = assignment.partitions.length;
  const perPartition = Math.max(1, racks);
  const [first, firstRack, firstBroker] = [1, 1 + count, 1 + count + count * perPartition];
  const spare = firstBroker + brokers.length;
  const sink = spare + 1;
  const total = assignment.partitions.reduce((sum, { replicas }) => sum + replicas.length, 0);
  const low = Math.floor(total / brokers.length);
  const arcs: Arc[] = [{ from: spare, to: sink, capacity: total - low * brokers.length, cost: 0 }];
  for (const [index, { replicas }] of assignment.partitions.entries()) {
    arcs.push({ from: 0, to: first + index, capacity: replicas.length, cost: 0 });
    const limit = racks === 0 ? replicas.length : Math.ceil(replicas.length / racks);
    for (let rack = 0; rack < perPartition; rack += 1) {
      arcs.push({ from: first + index, to: firstRack + index * perPartition + rack, capacity: limit, cost: 0 });
    }
    for (const [broker, { id }] of brokers.entries()) {
      const from = firstRack + index * perPartition + (id % perPartition);
      const cost = replicas.includes(id) ? 0 : (sizes[index]?.bytes ?? 1);
      arcs.push({ from, to: firstBroker + broker, capacity: 1, cost });
    }
  }
  for (const [broker] of brokers.entries()) {
    arcs.push({ from: firstBroker + broker, to: sink, capacity: low, cost: 0 });
    arcs.push({ from: firstBroker + broker, to: spare, capacity: 1, cost: 0 });
  }
  return leastFlowCost(sink + 1, arcs, [0, sink], total);
}

test('the only copies on a leaving broker move first, then other replicas there, the largest of each first', () => {
  const on = (partition: number, replicas: number[], bytes: number) => ({
    topic: 'orders',
    partition,
    replicas,
    bytes,
  });
  const partitions = [on(0, [0, 1], 9), on(1, [3, 0], 7), on(2, [3], 1), on(3, [3], 5)];
  const waves = planWaves(partitions, [[2, 1], [1, 0], [1], [2]], { live: 3, most: 1 });
  expect(waves.map((wave) => wave.map(({ index }) => index))).toEqual([[3], [2, 0], [1]]);
});
