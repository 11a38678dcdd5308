// Lists the strata of clusters and load tests; a world is drawn from a stratum and a seed.

import { drawCluster, steadyBatches, type Overrides } from './drawn-cluster.ts';
import { planLoad, type LoadOverrides } from './load-plan.ts';
import { drawOf, randomOf, type Draw } from './random.ts';
import {
  addBackground,
  addCatchUpReads,
  addChangingBackground,
  addFollower,
  addGaps,
  addSickHost,
  addWarmUp,
  cutOff,
  hideHost,
  withDisk,
} from './troubles.ts';
import type { Scatter, World } from './world.ts';

interface Stratum {
  /** Properties of the cluster. */
  cluster?(draw: Draw): Overrides;
  load?(draw: Draw): LoadOverrides;
  /** Adds trouble, after cluster and load are drawn. */
  trouble?(world: World, draw: Draw): World;
}

const stated = {
  'kafka, one broker': { cluster: () => ({ shape: 'kafka-1' }) },
  'kafka, three brokers': { cluster: () => ({ shape: 'kafka-3' }) },
  'kafka, six brokers': { cluster: () => ({ shape: 'kafka-6' }) },
  'rocketmq, single': { cluster: () => ({ shape: 'rocketmq-single' }) },
  'rocketmq, master and slave': { cluster: () => ({ shape: 'rocketmq-master-slave' }) },
  'rocketmq, dledger': { cluster: () => ({ shape: 'rocketmq-dledger' }) },
  'brokers with unequal shares': { cluster: () => ({ shape: 'kafka-3', skew: 0.4 }) },
  'small links': {
    cluster: (draw) => ({ linkBitsPerSecond: draw.oneOf([20e6, 50e6, 100e6]), cpuOverNetwork: draw.between(1.2, 6) }),
  },
  'fast links, few cores': {
    cluster: (draw) => ({
      linkBitsPerSecond: draw.oneOf([1e9, 10e9]),
      cores: 2,
      cpuOverNetwork: draw.between(0.3, 0.9),
    }),
  },
  'cores that contend': {
    cluster: (draw) => ({ cpuOverNetwork: draw.between(0.4, 0.9), contention: draw.between(0.1, 0.5) }),
  },
  'disk-bound': {
    cluster: (draw) => ({ linkBitsPerSecond: 1e9, cpuOverNetwork: draw.between(1, 3) }),
    load: (draw) => ({ durationSeconds: draw.oneOf([30, 60]), highest: draw.between(0.6, 0.98) }),
    trouble: withDisk,
  },
  'batches that grow': {
    cluster: (draw) => ({ batching: growingBatches(draw), cpuOverNetwork: draw.between(1.2, 4) }),
  },
  'large messages': { cluster: (draw) => ({ messageBytes: draw.whole(10_000, 200_000), batching: steadyBatches(1) }) },
  'four to eight groups': { cluster: (draw) => ({ groups: draw.whole(4, 8) }) },
  'noisy seconds': { cluster: (draw) => ({ scatter: { second: draw.between(0.04, 0.1) } }) },
  'noisy steps': { cluster: (draw) => ({ scatter: { step: draw.between(0.008, 0.025) } }) },
  'seconds that resemble each other': {
    cluster: (draw) => ({ scatter: { second: draw.between(0.015, 0.05), likeness: draw.between(0.7, 0.95) } }),
  },
  'outlier seconds': {
    cluster: (draw) => ({
      scatter: { outliers: { share: draw.between(0.002, 0.03), factor: draw.between(1.2, 1.8) } },
    }),
  },
  'code still being compiled': { cluster: (draw) => ({ cpuOverNetwork: draw.between(0.5, 1.5) }), trouble: addWarmUp },
  'collections in a row': {
    cluster: (draw) => ({ cpuOverNetwork: draw.between(0.5, 1.5) }),
    trouble: (world, draw) =>
      withBursts(world, 'cpu', {
        share: draw.between(0.03, 0.12),
        seconds: draw.between(1, 4),
        factor: draw.between(1.15, 1.6),
      }),
  },
  'catch-up reads in one step': { cluster: (draw) => ({ groups: draw.whole(1, 3) }), trouble: addCatchUpReads },
  'write-back in bursts': {
    cluster: (draw) => ({ linkBitsPerSecond: 1e9, cpuOverNetwork: draw.between(1, 3) }),
    load: (draw) => ({ durationSeconds: draw.oneOf([30, 60]), highest: draw.between(0.6, 0.98) }),
    trouble: (world, draw) =>
      withBursts(withDisk(world, draw), 'disk-io', {
        share: draw.between(0.1, 0.3),
        seconds: draw.between(1, 3),
        factor: draw.between(1.2, 1.8),
      }),
  },
  'traffic of others': { trouble: addBackground },
  'gaps in the telemetry': { trouble: addGaps },
  'seconds lost': {
    trouble: (world, draw) => ({ ...world, unread: { ...world.unread, share: draw.between(0.03, 0.2) } }),
  },
  'a host without metrics': { cluster: (draw) => ({ shape: draw.oneOf(['kafka-3', 'kafka-6']) }), trouble: hideHost },
  'a follower that catches up': { cluster: () => ({ shape: 'kafka-3' }), trouble: addFollower },
  'two brokers on a host': {
    cluster: (draw) => ({ shape: draw.oneOf(['kafka-6', 'rocketmq-master-slave']), isPaired: true }),
  },
  'cut off': { trouble: cutOff },
  'repeated in random order': { load: () => ({ order: 'random', isRepeated: true }) },
  'tested past the limit': { load: (draw) => ({ highest: draw.between(1, 1.5) }) },
  'hosts that differ': {
    cluster: (draw) => ({ shape: draw.oneOf(['kafka-3', 'kafka-6']), difference: draw.between(0.1, 0.4) }),
  },
  'three or four steps': { load: (draw) => ({ rates: draw.whole(3, 4), isRepeated: false }) },
  'others who come and go': { trouble: addChangingBackground },
  'outlier seconds on one host': { cluster: () => ({ shape: 'kafka-3' }), trouble: addSickHost },
  'several troubles at once': {
    cluster: (draw) => ({
      shape: draw.oneOf(['kafka-3', 'rocketmq-master-slave']),
      skew: draw.between(0, 0.3),
      contention: draw.between(0, 0.2),
      batching: growingBatches(draw),
      scatter: { second: draw.between(0.01, 0.05), likeness: draw.between(0.2, 0.8), step: draw.between(0.002, 0.01) },
    }),
    load: () => ({ order: 'random' }),
    trouble: (world, draw) => addGaps(addCatchUpReads(addWarmUp(world, draw), draw), draw),
  },
  'idle wake-ups': {
    cluster: (draw) => ({
      shape: draw.oneOf(['kafka-1', 'rocketmq-single']),
      linkBitsPerSecond: 1e9,
      messageBytes: draw.whole(300, 2000),
      cores: 2,
      batching: steadyBatches(1),
      cpuOverNetwork: draw.between(0.2, 0.6),
      wakeUps: draw.between(0.2, 1),
      scatter: { second: draw.between(0.02, 0.08), step: draw.between(0.005, 0.02) },
    }),
  },
} satisfies Record<string, Stratum>;

export type StratumName = keyof typeof stated;
export const strata: Readonly<Record<StratumName, Stratum>> = stated;
export const stratumNames = Object.keys(stated) as StratumName[];

export function drawWorld(name: StratumName, seed: number): World {
  const place = stratumNames.indexOf(name);
  const draw = drawOf(randomOf(seed * 7919 + place * 104_729));
  const { cluster, load, trouble }: Stratum = strata[name];
  const built = drawCluster(name, seed, draw, cluster?.(draw));
  const world = { ...built, steps: planLoad(built, draw, load?.(draw)) };
  return trouble ? trouble(world, draw) : world;
}

/** @returns an equal number of samples of each stratum, `clusters` in total, with consecutive seeds */
export function drawWorlds(clusters: number, seed: number, names: readonly StratumName[] = stratumNames): World[] {
  return Array.from({ length: clusters }, (_, index) => {
    const name = names[index % names.length] as StratumName;
    return drawWorld(name, seed + Math.floor(index / names.length));
  });
}

function growingBatches(draw: Draw) {
  const most = draw.whole(10, 80);
  return { least: draw.between(1, 3), most, tpsPerMessage: draw.around(20, 400) };
}

function withBursts(world: World, resource: 'cpu' | 'disk-io', bursts: NonNullable<Scatter['bursts']>): World {
  const hosts = world.hosts.map((host) => {
    const use = host.uses[resource];
    return use
      ? { ...host, uses: { ...host.uses, [resource]: { ...use, scatter: { ...use.scatter, bursts } } } }
      : host;
  });
  return { ...world, hosts };
}
