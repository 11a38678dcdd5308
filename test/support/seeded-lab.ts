// Checks what `lab seed` created.

import { expect } from 'vitest';
import { driverOf } from '../../brokers/registry.ts';
import type { ClusterConfig } from '../../brokers/config.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { seedLab } from '../../lab/seed/seed-lab.ts';

/** Longer than a seeding waits for messages that a busy broker delays. */
const io = () => ({ signal: AbortSignal.timeout(150_000), progress: () => undefined });

export async function snapshotOf(config: ClusterConfig): Promise<ClusterSnapshot> {
  await using inspector = await driverOf(config).inspect('lab', config, io());
  return await inspector.snapshot(io());
}

/** Lag in messages, by partition; absent if the group never committed. */
export const lagsOf = ({ groups }: ClusterSnapshot, group: string, topic: string) =>
  [...(groups.find(({ name }) => name === group)?.partitions ?? [])]
    .filter((each) => each.topic === topic && each.committed !== undefined)
    .toSorted((a, b) => a.partition - b.partition)
    .map(({ end, committed = 0n }) => Number(end - committed));

export function expectStates(seen: ClusterSnapshot): void {
  expect(lagsOf(seen, 'seed-shipping', 'seed-orders')).toEqual([0, 0, 0, 0]);
  expect(lagsOf(seen, 'seed-billing', 'seed-orders')).toEqual([50, 100, 150, 200]);
  expect(lagsOf(seen, 'seed-billing', 'seed-payments')).toEqual([20, 40]);
  expect(lagsOf(seen, 'seed-audit', 'seed-orders')).toEqual([0]);
  expect(lagsOf(seen, 'seed-archive', 'seed-idle')).toEqual([0, 0]);
}

/** Seeds twice: the second time adds nothing and changes nothing. */
export async function seedTwice(config: ClusterConfig) {
  const first = await seedLab('lab', config, io());
  const second = await seedLab('lab', config, io());
  expect(second.topics.map(({ added }) => added)).toEqual(second.topics.map(() => 0));
  expect(second.groups).toEqual(first.groups);
  return first;
}
