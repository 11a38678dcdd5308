// Draws the hosts of a cluster from a seed, with bytes and cores by replication role.

import type { Draw } from './random.ts';
import { firstOf, safeLimits } from './true-limits.ts';
import {
  everythingRead,
  messagesPerRequest,
  type Batching,
  type Host,
  type HostUse,
  type Law,
  type Scatter,
  type World,
} from './world.ts';

export type Shape =
  'kafka-1' | 'kafka-3' | 'kafka-6' | 'rocketmq-single' | 'rocketmq-master-slave' | 'rocketmq-dledger';

/** Values that a stratum fixes; the rest is drawn. */
export interface Overrides {
  shape?: Shape;
  linkBitsPerSecond?: number;
  cores?: number;
  groups?: number;
  messageBytes?: number;
  /** Rate at which cores reach the policy limit, relative to that of links. */
  cpuOverNetwork?: number;
  /** Ratio of CPU use at that rate that is contention. */
  contention?: number;
  /** Wake-up cost of a request, relative to the cost of its messages on busy cores. */
  wakeUps?: number;
  /** Standard deviation of the share of messages that brokers lead, relative to their mean. */
  skew?: number;
  batching?: Batching;
  scatter?: Partial<Scatter>;
  /** Maximum ratio by which links and cores of a host are smaller than those of others. */
  difference?: number;
  /** Two brokers on each host. */
  isPaired?: boolean;
}

/** A broker before its assignment to a host: its shares of the cluster's messages. */
interface Part {
  id: string;
  /** Share of the messages that it leads, and share that it copies. */
  leads: number;
  copies: number;
}

const plain: Law = { idle: 0, perMessage: 0, perRequest: 0, perMessageSquared: 0 };

export function drawCluster(name: string, seed: number, draw: Draw, overrides: Overrides = {}): Omit<World, 'steps'> {
  const shape =
    overrides.shape ?? draw.oneOf(['kafka-1', 'kafka-3', 'kafka-3', 'rocketmq-single', 'rocketmq-master-slave']);
  const { replicas, parts } = partsOf(shape, draw, overrides.skew ?? draw.oneOf([0, 0, 0.05, 0.2]));
  const groups = overrides.groups ?? draw.oneOf([0, 1, 1, 1, 2, 3]);
  const messageBytes = overrides.messageBytes ?? Math.round(draw.around(100, 4000));
  const linkBitsPerSecond = overrides.linkBitsPerSecond ?? draw.oneOf([50e6, 100e6, 1e9]);
  const batching = overrides.batching ?? { ...steadyBatches(draw.whole(1, 60)) };
  const wire = { in: messageBytes + draw.between(40, 180), out: messageBytes + draw.between(40, 180) };
  const perRequest = { in: draw.between(100, 400), out: draw.between(80, 250) };
  const idleBytes = draw.around(500, 0.004 * (linkBitsPerSecond / 8));
  // A DLedger leader wraps pushed messages once more.
  const push = shape === 'rocketmq-dledger' ? draw.between(1.05, 1.25) : 1;
  const scatter = (): Scatter => ({
    second: draw.between(0.005, 0.03),
    likeness: draw.between(0, 0.4),
    step: draw.between(0.001, 0.005),
    ...overrides.scatter,
  });
  const cores = overrides.cores ?? draw.oneOf([2, 4, 4, 8]);
  const perHost = overrides.isPaired ? 2 : 1;
  const hosts: Host[] = [];
  for (let first = 0; first < parts.length; first += perHost) {
    const own = parts.slice(first, first + perHost);
    const leads = own.reduce((sum, part) => sum + part.leads, 0);
    const copies = own.reduce((sum, part) => sum + part.copies, 0);
    const link = (law: Partial<Law>): HostUse => ({
      law: { ...plain, idle: idleBytes, ...law },
      capacity: linkBitsPerSecond / 8,
      scatter: scatter(),
    });
    hosts.push({
      name: `host-${own[0]?.id ?? first}`,
      brokers: own.map(({ id }) => id),
      cores,
      linkBitsPerSecond,
      uses: {
        'network-in': link({
          perMessage: leads * wire.in + copies * push * wire.in,
          perRequest: leads * perRequest.in,
        }),
        'network-out': link({
          perMessage: leads * (groups * wire.out + (replicas - 1) * push * wire.in) + copies * 4,
          perRequest: leads * perRequest.out,
        }),
      },
    });
  }
  const world: Omit<World, 'steps'> = {
    name,
    seed,
    broker: shape.startsWith('kafka') ? 'kafka' : 'rocketmq',
    hosts,
    groups,
    replicas,
    messageBytes,
    batching,
    workers: 1,
    warmUpSeconds: draw.oneOf([0, 5, 5, 10]),
    passing: [],
    unread: everythingRead,
  };
  const drawn = { ...world, hosts: withCores(world, parts, draw, scatter, overrides) };
  return overrides.difference === undefined
    ? drawn
    : { ...drawn, hosts: drawn.hosts.map((host) => lesser(host, draw, overrides.difference ?? 0)) };
}

export const steadyBatches = (messages: number): Batching => ({ least: messages, most: messages });

/** Sets CPU costs, so that cores reach the policy limit at the required ratio to the links. */
function withCores(
  world: Omit<World, 'steps'>,
  parts: readonly Part[],
  draw: Draw,
  scatter: () => Scatter,
  overrides: Overrides,
): Host[] {
  const links = firstOf(safeLimits({ ...world, steps: [] })).tps;
  const at = (overrides.cpuOverNetwork ?? draw.around(0.7, 4)) * links;
  const contention = overrides.contention ?? 0;
  const work = ({ brokers }: Host) =>
    parts
      .filter(({ id }) => brokers.includes(id))
      .reduce((sum, { leads, copies }) => sum + leads + followerWork * copies, 0);
  const most = Math.max(...world.hosts.map(work));
  return world.hosts.map((host) => {
    const idle = draw.between(0.01, 0.05) * host.cores;
    const spent = (0.7 * host.cores - idle) * (work(host) / most);
    const law = {
      ...plain,
      idle,
      perMessage: ((1 - contention) * spent) / at,
      perMessageSquared: (contention * spent) / at ** 2,
      ...(overrides.wakeUps !== undefined && {
        wakeUp: {
          perRequest: overrides.wakeUps * (spent / at) * messagesPerRequest(world.batching, at),
          cores: host.cores,
        },
      }),
    };
    return { ...host, uses: { ...host.uses, cpu: { law, capacity: host.cores, scatter: scatter() } } };
  });
}

/** Reduces the link speed, and increases CPU time for the same work. */
function lesser(host: Host, draw: Draw, difference: number): Host {
  const linkBitsPerSecond = Math.round(host.linkBitsPerSecond * (1 - draw.between(0, difference)));
  const slower = 1 / (1 - draw.between(0, difference));
  const uses = Object.fromEntries(
    Object.entries(host.uses).map(([resource, use]) => {
      if (resource !== 'cpu') return [resource, { ...use, capacity: linkBitsPerSecond / 8 }];
      const { law } = use;
      const own = { perMessage: slower * law.perMessage, perMessageSquared: slower * law.perMessageSquared };
      return [resource, { ...use, law: { ...law, ...own } }];
    }),
  );
  return { ...host, linkBitsPerSecond, uses };
}

/** CPU cost of a copy, relative to that of a message on its leader. */
const followerWork = 0.4;

function partsOf(shape: Shape, draw: Draw, skew: number): { replicas: number; parts: Part[] } {
  switch (shape) {
    case 'kafka-1':
    case 'rocketmq-single':
      return { replicas: 1, parts: [{ id: '1', leads: 1, copies: 0 }] };
    case 'kafka-3':
      return spread(3, draw, skew);
    case 'kafka-6':
      return spread(6, draw, skew);
    case 'rocketmq-master-slave':
      return {
        replicas: 2,
        parts: [
          { id: 'broker-a:0', leads: 1, copies: 0 },
          { id: 'broker-a:1', leads: 0, copies: 1 },
        ],
      };
    case 'rocketmq-dledger':
      return {
        replicas: 3,
        parts: ['n0', 'n1', 'n2'].map((id, index) => ({ id, leads: index === 0 ? 1 : 0, copies: index === 0 ? 0 : 1 })),
      };
  }
}

/** Three copies; leaders are distributed unequally if there is skew, and copies over all others. */
function spread(brokers: number, draw: Draw, skew: number): { replicas: number; parts: Part[] } {
  const weights = Array.from({ length: brokers }, () => Math.max(0.3, 1 + skew * draw.between(-1.7, 1.7)));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const parts = weights.map((weight, index) => {
    const leads = weight / all;
    return { id: String(index + 1), leads, copies: (2 * (1 - leads)) / (brokers - 1) };
  });
  return { replicas: 3, parts };
}
