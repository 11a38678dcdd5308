// Generates low-noise clusters with one trait each.

import { steadyBatches } from './drawn-cluster.ts';
import { drawOf, randomOf } from './random.ts';
import { everythingRead, type HostUse, type Law, type PlannedStep, type World } from './world.ts';

const plain: Law = { idle: 0, perMessage: 0, perRequest: 0, perMessageSquared: 0 };
const calm = { second: 0.01, likeness: 0.2, step: 0.002 };

/** One broker whose link is saturated by sending, long before its cores. */
export function linkBound(seed: number, change: Partial<World> = {}): World {
  const draw = drawOf(randomOf(seed * 7919));
  const perMessage = draw.between(300, 1500);
  const linkBitsPerSecond = 50e6;
  const idle = draw.between(2e3, 2e5);
  const link = (law: Partial<Law>): HostUse => ({
    law: { ...plain, idle, ...law },
    capacity: linkBitsPerSecond / 8,
    scatter: calm,
  });
  return {
    name: 'link-bound',
    seed,
    broker: 'kafka',
    hosts: [
      {
        name: 'host-1',
        brokers: ['1'],
        cores: 4,
        linkBitsPerSecond,
        uses: {
          'network-in': link({ perMessage: perMessage * draw.between(0.8, 0.9), perRequest: 300 }),
          'network-out': link({ perMessage, perRequest: 150 }),
          cpu: { law: { ...plain, idle: 0.1, perMessage: 1e-5 }, capacity: 4, scatter: calm },
        },
      },
    ],
    groups: 1,
    replicas: 1,
    messageBytes: 500,
    batching: steadyBatches(50),
    workers: 2,
    steps: stepsOf((linkBitsPerSecond / 8 - idle) / (perMessage + 3), [0.2, 0.3, 0.4, 0.5, 0.6], 20),
    warmUpSeconds: 5,
    passing: [],
    unread: everythingRead,
    ...change,
  };
}

/** A broker whose cores are saturated long before its link. */
export function cpuBound(seed: number): World {
  const world = linkBound(seed);
  const cpu: HostUse = { law: { ...plain, idle: 0.1, perMessage: 2e-4 }, capacity: 2, scatter: calm };
  const faster = changed(world, (use) => ({ ...use, capacity: 20 * use.capacity }));
  const hosts = faster.hosts.map((host) => ({
    ...host,
    cores: 2,
    linkBitsPerSecond: 20 * host.linkBitsPerSecond,
    uses: { ...host.uses, cpu },
  }));
  return { ...world, hosts, steps: stepsOf((2 - 0.1) / 2e-4, [0.3, 0.4, 0.5, 0.6, 0.7], 20) };
}

/** @param of ratios of `tps` for successive steps, as even rates because there are two workers */
export function stepsOf(tps: number, of: readonly number[], durationSeconds: number): PlannedStep[] {
  return of.map((share) => ({ targetTps: 2 * Math.round((share * tps) / 2), durationSeconds }));
}

/** The same cluster with steps at these rates. */
export const driven = (world: World, tps: number, of: readonly number[], durationSeconds = 20): World => ({
  ...world,
  steps: stepsOf(tps, of, durationSeconds),
});

/** The same cluster with every scatter multiplied by a factor. */
export function scattered(world: World, times: number): World {
  return changed(world, (use) => {
    const { second, step } = use.scatter;
    return { ...use, scatter: { ...use.scatter, second: times * second, step: times * step } };
  });
}

/** The same cluster with every use changed. */
export function changed(world: World, change: (use: HostUse) => HostUse): World {
  const hosts = world.hosts.map((host) => ({
    ...host,
    uses: Object.fromEntries(Object.entries(host.uses).map(([name, use]) => [name, change(use)])),
  }));
  return { ...world, hosts };
}
