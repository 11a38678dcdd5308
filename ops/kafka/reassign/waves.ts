// Schedules moves into waves: one new replica per partition, few per broker, partitions without a second copy first.

import type { PlacedPartition } from './problem.ts';

interface WaveStep {
  /** Index of the partition. */
  index: number;
  /** Brokers of the partition after the wave, the preferred leader first. */
  replicas: readonly number[];
  /** Broker that gets a replica; absent if only the order of replicas changes. */
  to?: number;
  /** Broker to copy from: followers fetch from the leader. */
  from?: number;
}

export type Wave = readonly WaveStep[];

/**
 * Kafka adds a new replica before it removes the old one, so the number of in-sync replicas never falls below the
 * initial one.
 *
 * @param live brokers from this index on leave the cluster
 * @param most concurrent moves to one broker, and from one broker
 */
export function planWaves(
  partitions: readonly PlacedPartition[],
  planned: readonly (readonly number[])[],
  { live, most }: { live: number; most: number },
): Wave[] {
  const changed = [...partitions.keys()].filter(
    (index) => !isSame((partitions[index] as PlacedPartition).replicas, planned[index] as readonly number[]),
  );
  const urgency = (index: number) => {
    const { replicas } = partitions[index] as PlacedPartition;
    if (!replicas.some((broker) => broker >= live)) return 2;
    return replicas.length === 1 ? 0 : 1;
  };
  const bytesOf = (index: number) => partitions[index]?.bytes ?? 0;
  changed.sort((one, two) => urgency(one) - urgency(two) || bytesOf(two) - bytesOf(one) || one - two);
  const waves: WaveStep[][] = [];
  const load: { in: Map<number, number>; out: Map<number, number> }[] = [];
  const firstFree = { in: new Map<number, number>(), out: new Map<number, number>() };
  const orders: WaveStep[] = [];

  function place(step: WaveStep & { to: number; from: number }, earliest: number): number {
    let wave = Math.max(earliest, firstFree.in.get(step.to) ?? 0, firstFree.out.get(step.from) ?? 0);
    for (; ; wave += 1) {
      const here = (load[wave] ??= { in: new Map(), out: new Map() });
      const coming = here.in.get(step.to) ?? 0;
      const served = here.out.get(step.from) ?? 0;
      if (coming >= most || served >= most) continue;
      here.in.set(step.to, coming + 1);
      here.out.set(step.from, served + 1);
      if (coming + 1 === most && (firstFree.in.get(step.to) ?? 0) === wave) firstFree.in.set(step.to, wave + 1);
      if (served + 1 === most && (firstFree.out.get(step.from) ?? 0) === wave) firstFree.out.set(step.from, wave + 1);
      (waves[wave] ??= []).push(step);
      return wave;
    }
  }

  for (const index of changed) {
    const steps = stepsOf(index, (partitions[index] as PlacedPartition).replicas, planned[index] as readonly number[]);
    let earliest = 0;
    for (const step of steps) {
      if (step.to === undefined || step.from === undefined) orders.push(step);
      else earliest = place({ ...step, to: step.to, from: step.from }, earliest) + 1;
    }
  }
  const filled = [...waves].map((wave) => wave ?? []).filter((wave) => wave.length > 0);
  return orders.length === 0 ? filled : [...filled, orders];
}

/** One replica at a time; the leader is removed last, and the last step sets the planned order. */
function stepsOf(index: number, now: readonly number[], planned: readonly number[]): WaveStep[] {
  const leader = now[0] as number;
  const arriving = planned.filter((broker) => !now.includes(broker));
  const leaving = now.filter((broker) => !planned.includes(broker));
  leaving.sort((one, two) => Number(one === leader) - Number(two === leader));
  if (arriving.length === 0) return [{ index, replicas: planned }];
  let held = now;
  return arriving.map((to, step) => {
    const goes = leaving[step];
    held = goes === undefined ? [...held, to] : held.map((broker) => (broker === goes ? to : broker));
    const replicas = step === arriving.length - 1 ? planned : held;
    return { index, replicas, to, from: leader };
  });
}

export function isSame(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((broker, place) => broker === other[place]);
}
