import { expect, test } from 'vitest';
import { groupCapacity, productionGroups } from '../../analyzer/verdict/limits/consumer-groups/groups.ts';
import { groupCeilings, withShare } from '../../analyzer/verdict/limits/consumer-groups/ceiling.ts';
import { drawGroup } from '../truth/production/group-world.ts';

const seeds = Array.from({ length: 60 }, (_, seed) => seed);

function judged(seed: number, outages: number) {
  const world = drawGroup(seed, outages);
  const [history] = productionGroups(world);
  if (history === undefined) throw new Error('no group');
  return { world, history, capacity: groupCapacity(history, 0.95) };
}

test('a group that caught up after a backlog has a maximum, whose interval contains the true capacity', () => {
  const held = seeds.filter((seed) => {
    const { world, capacity } = judged(seed, 1 + (seed % 4));
    if (capacity.kind !== 'measured') throw new Error(`${seed}: ${capacity.kind}`);
    const { low, high = Number.POSITIVE_INFINITY } = capacity.interval;
    return low <= world.capacity && world.capacity <= high;
  });
  expect(held.length / seeds.length).toBeGreaterThanOrEqual(0.9);
});

test('each backlog is counted once', () => {
  for (const seed of seeds.slice(0, 8)) expect(judged(seed, 3).capacity).toMatchObject({ episodes: 3 });
});

test('a group without a backlog has at least its observed rate, and never more than its capacity', () => {
  for (const seed of seeds.slice(0, 20)) {
    const { world, capacity } = judged(seed, 0);
    if (capacity.kind !== 'at-least') throw new Error(capacity.kind);
    expect(capacity.tps).toBeGreaterThan(0.2 * world.capacity);
    expect(capacity.tps).toBeLessThan(world.capacity);
  }
});

test('a group that reads all messages saturates at its own rate, and one that reads half at twice that rate', () => {
  const { world, history, capacity } = judged(5, 2);
  const produced =
    world.produced.reduce((sum, { messagesPerSecond }) => sum + messagesPerSecond, 0) / world.produced.length;
  const [whole] = groupCeilings([withShare(capacity, history, produced)]);
  const [half] = groupCeilings([withShare(capacity, history, 2 * produced)]);
  expect((whole?.value ?? 0) / world.capacity).toBeCloseTo(1, 1);
  expect((half?.value ?? 0) / (whole?.value ?? 1)).toBeCloseTo(2, 6);
});

test('without commits, the capacity is unknown', () => {
  expect(groupCapacity({ group: 'silent', lag: [{ elapsedSeconds: 60, messages: 9 }], commits: [] }, 0.95)).toEqual({
    kind: 'unknown',
    group: 'silent',
    missing: 'commit rate of the group',
    gap: 'commits',
  });
});
