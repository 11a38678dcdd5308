// Lists the real clusters on which predictions are compared with achieved rates.

import { AppError } from '../../core/errors.ts';
import type { ClusterLoad } from '../../core/wire/cluster-load.ts';
import { lineBytes, messageCost } from '../../core/wire/message-cost.ts';
import type { RocketmqMode } from '../../lab/rocketmq/mode.ts';

interface CommonSetUp {
  version: string;
  /** Number of replicas, leader included. */
  replicas: number;
  /** Speed of each network interface, such as `50mbit`. */
  nic: string;
  messageBytes: number;
  groups: number;
  linger: string;
  /** Share of a dedicated core that the broker may use; absent without a limit. */
  brokerCores?: number;
  /** Rates of the steps in messages per second; absent if derived from the link. */
  rates?: readonly number[];
  /**
   * Rate near the limit that warms up a broker with few cores, in messages per second. Absent if the link or `lanes`
   * determine it.
   */
  warmTps?: number;
  /** Concurrency of a closed loop that reaches the limit; absent to use a rate above the limit instead. */
  lanes?: number;
  /** Concurrency of a closed loop that warms up a broker with few cores, instead of `warmTps`. */
  warmLanes?: number;
  /** True to encrypt connections. */
  tls?: boolean;
  /** Broker properties in addition to those of the lab. */
  properties?: Readonly<Record<string, string>>;
}

export interface KafkaSetUp extends CommonSetUp {
  product: 'kafka';
  brokers: 1 | 3;
}

export interface RocketmqSetUp extends CommonSetUp {
  product: 'rocketmq';
  mode: Extract<RocketmqMode, 'single' | 'master-slave-sync' | 'dledger'>;
  requests: 'single' | 'batch';
}

export type SetUp = KafkaSetUp | RocketmqSetUp;

const kafka = (version: string, brokers: 1 | 3, replicas: number, rest: Omit<CommonSetUp, 'version' | 'replicas'>) =>
  ({ product: 'kafka', version, brokers, replicas, ...rest }) as const satisfies KafkaSetUp;
const copies = { single: 1, 'master-slave-sync': 2, dledger: 3 } as const;
const rocketmq = (
  version: string,
  mode: RocketmqSetUp['mode'],
  requests: RocketmqSetUp['requests'],
  rest: Omit<CommonSetUp, 'version' | 'replicas'>,
) =>
  ({ product: 'rocketmq', version, mode, replicas: copies[mode], requests, ...rest }) as const satisfies RocketmqSetUp;
const link = (nic: string, messageBytes: number, groups: number, linger = '5ms') => ({
  nic,
  messageBytes,
  groups,
  linger,
});
/**
 * DLedger resends an entry if its acknowledgement is late: a rate above its limit would saturate the network with
 * repeated copies.
 */
const waiting = (common: ReturnType<typeof link>) => ({ ...common, lanes: 80 });

/** A link that a broker with one core cannot saturate. */
const wide = '1gbit';
/** One dedicated core. A closed loop finds approximately the maximum rate, however low it is. */
const oneCore = { brokerCores: 1, warmLanes: 160 };
/**
 * Java code that is compiled once encrypts at a few hundred MB/s: with it, the load generator would saturate its core
 * first.
 */
const encrypting = { ...oneCore, tls: true };
/** The broker recompresses every batch, at a cost per byte that does not depend on the batch size. */
const compressing = (warmTps: number, level?: number) => ({
  brokerCores: 1,
  warmTps,
  properties: {
    'compression.type': 'gzip',
    ...(level !== undefined && { 'compression.gzip.level': String(level) }),
  },
});
/** Saturates the broker's core before that of the consumers, which decompress. */
const highest = 9;

export const setUps = {
  'kafka-4-two-groups': kafka('4.3.1', 1, 1, link('50mbit', 500, 2)),
  'kafka-4-small-batched': kafka('4.3.1', 1, 1, link('20mbit', 100, 0, '20ms')),
  'kafka-4-large': kafka('4.3.1', 1, 1, link('200mbit', 4096, 1)),
  'kafka-4-three-copies': kafka('4.3.1', 3, 3, link('30mbit', 1024, 1)),
  'kafka-4-two-copies': kafka('4.3.1', 3, 2, link('30mbit', 500, 2)),
  'kafka-3-three-groups': kafka('3.9.2', 1, 1, link('100mbit', 1024, 3)),
  'kafka-3-three-copies': kafka('3.9.2', 3, 3, link('30mbit', 500, 0)),
  /** Explicit rates, because the arithmetic assumes full batches, which do not occur here. */
  'kafka-3-unbatched': kafka('3.9.2', 1, 1, { ...link('20mbit', 500, 1, '0ms'), rates: [400, 750, 1100, 1450, 1800] }),
  'rocketmq-4-single': rocketmq('4.9.7', 'single', 'single', link('50mbit', 500, 1)),
  'rocketmq-4-batched': rocketmq('4.9.7', 'single', 'batch', link('100mbit', 1024, 2)),
  'rocketmq-4-master-slave': rocketmq('4.9.7', 'master-slave-sync', 'single', link('40mbit', 1024, 0)),
  /**
   * Slower link than with RocketMQ 5: at 30 Mbit/s its brokers use 95% of two cores, so the network is not the only
   * limit.
   */
  'rocketmq-4-dledger': rocketmq('4.9.7', 'dledger', 'single', waiting(link('20mbit', 1024, 0))),
  'rocketmq-5-single': rocketmq('5.3.3', 'single', 'single', link('100mbit', 4096, 1)),
  'rocketmq-5-master-slave': rocketmq('5.3.3', 'master-slave-sync', 'single', link('50mbit', 500, 1)),
  'rocketmq-5-dledger': rocketmq('5.3.3', 'dledger', 'single', waiting(link('30mbit', 500, 1))),
  /** A tenth of the founding case: two producers of 80 threads each. */
  founding: { ...rocketmq('4.9.7', 'dledger', 'single', link('100mbit', 500, 1)), lanes: 160 },
  'kafka-4-cpu': {
    ...kafka('4.3.1', 1, 1, link(wide, 500, 0, '20ms')),
    ...compressing(50_000),
  },
  'kafka-3-cpu': {
    ...kafka('3.9.2', 1, 1, link(wide, 1024, 0, '20ms')),
    ...compressing(25_000),
  },
  'rocketmq-4-cpu': { ...rocketmq('4.9.7', 'single', 'single', link(wide, 500, 1)), ...encrypting },
  'rocketmq-5-cpu': { ...rocketmq('5.3.3', 'single', 'single', link(wide, 500, 0)), ...oneCore },
  'kafka-4-cpu-two-groups': {
    ...kafka('4.3.1', 1, 1, link(wide, 1024, 2, '20ms')),
    ...compressing(12_000, highest),
  },
  'kafka-3-cpu-encrypted': {
    ...kafka('3.9.2', 1, 1, link(wide, 500, 0, '20ms')),
    ...compressing(35_000),
    tls: true,
  },
  'kafka-4-cpu-large': {
    ...kafka('4.3.1', 1, 1, link(wide, 4096, 0, '20ms')),
    ...compressing(6000, highest),
  },
  'kafka-4-cpu-unbatched': {
    ...kafka('4.3.1', 1, 1, link(wide, 500, 1, '0ms')),
    brokerCores: 1,
    warmTps: 9000,
    tls: true,
  },
  'rocketmq-4-cpu-large': { ...rocketmq('4.9.7', 'single', 'single', link(wide, 4096, 1)), ...encrypting },
  'rocketmq-5-cpu-one-group': { ...rocketmq('5.3.3', 'single', 'single', link(wide, 1024, 1)), ...oneCore },
} as const satisfies Record<string, SetUp>;

export type SetUpName = keyof typeof setUps;

/** @throws AppError usage for an unknown name, or without a name */
export function namedSetUp(bench: string, given: string | boolean | undefined): { name: string; setUp: SetUp } {
  const name = String(given ?? '');
  if (Object.hasOwn(setUps, name)) return { name, setUp: setUps[name as SetUpName] };
  throw new AppError('usage', `bench ${bench}: there is no set-up ${name || 'named'}`, {
    hint: `give --set-up one of ${Object.keys(setUps).join(', ')}`,
  });
}

/** Computes the target of the steps: the arithmetic of a busy cluster, which a real cluster rarely exceeds. */
export function arithmeticTps(setUp: SetUp, bitsPerSecond: number): number {
  const cost = messageCost(clusterLoad(setUp));
  const shares = setUp.product === 'kafka' ? setUp.brokers : 1;
  const follower = lineBytes(cost, 'follower').out;
  const all = lineBytes(cost);
  // A Kafka broker is leader of some partitions and follower of others; a RocketMQ master is only a master.
  const fullest = Math.max(all.out, setUp.product === 'kafka' ? all.in + follower : all.in);
  return (bitsPerSecond / 8 / fullest) * shares;
}

function clusterLoad(setUp: SetUp): ClusterLoad {
  const common = {
    replicas: setUp.replicas,
    groups: setUp.groups,
    bodyBytes: setUp.messageBytes,
    topicBytes: 24,
    groupBytes: 24,
  };
  if (setUp.product === 'kafka') return { broker: 'kafka', mode: 'kraft', ...common };
  const mode = setUp.mode === 'master-slave-sync' ? 'master-slave' : setUp.mode;
  const generation = setUp.version.startsWith('4') ? 4 : 5;
  return { broker: 'rocketmq', mode, generation, client: 'plimsoll', clusterNameBytes: 3, ...common };
}
