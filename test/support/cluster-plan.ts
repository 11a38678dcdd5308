// Provides small cluster plans for simulation, admission and rendering.

import type { ClusterPlan, ClusterPlans, PlannedBroker, Shape } from '../../core/documents/cluster-plan.ts';

const shape: Shape = {
  name: '24c48g',
  cores: 24,
  memoryBytes: 48 * 2 ** 30,
  diskBytes: 1e12,
  diskWriteBytesPerSecond: 4e8,
  networkBitsPerSecond: 1e9,
};

const estimate = (value: number) => ({ low: value, mid: value, high: value });
const zoneAt = (index: number) => ({ zone: `zone-${(index % 3) + 1}` });

const kafkaBrokers = Array.from({ length: 6 }, (_, index): PlannedBroker => ({
  host: `logs-broker-${index + 1}`,
  role: 'broker',
  brokerId: 101 + index,
  ...zoneAt(index),
}));

const groupsOf = (role: (copy: number) => PlannedBroker['role'], copies: number) =>
  ['broker-a', 'broker-b'].flatMap((group, of) =>
    Array.from({ length: copies }, (_, copy): PlannedBroker => ({
      host: `orders-${group}-${copy}`,
      role: role(copy),
      brokerId: copy,
      group,
      ...zoneAt(of + copy),
    })),
  );

const singles = (kind: string) => [1, 2, 3].map((number) => ({ host: `${kind}-${number}`, ...zoneAt(number - 1) }));

export function plannedCluster(over: Partial<ClusterPlan> = {}): ClusterPlan {
  const { broker = 'rocketmq', mode = broker === 'kafka' ? 'kraft' : 'dledger' } = over;
  const replicas = over.replicas ?? (mode === 'master-slave' ? 2 : 3);
  const isElected = mode === 'dledger' || mode === 'controller';
  return {
    name: broker === 'kafka' ? 'logs' : 'orders',
    broker,
    mode,
    replicas,
    domains: [
      {
        name: 'orders',
        share: 1,
        peakTps: { low: 8000, mid: 10_000, high: 14_000 },
        averageTps: 4000,
        usualTps: 4000,
        promotionDayTps: 4000,
        messageBytes: 500,
        consumerGroups: 2,
        retentionSeconds: 86_400,
        partitions: 12,
        survives: 'zone',
      },
    ],
    shape,
    brokers:
      broker === 'kafka'
        ? kafkaBrokers
        : groupsOf((copy) => (isElected ? 'member' : copy === 0 ? 'master' : 'slave'), replicas),
    masters: broker === 'kafka' ? 6 : 2,
    ...(broker === 'rocketmq' && { nameServers: singles('orders-namesrv') }),
    ...((broker === 'kafka' || mode === 'controller') && { controllers: singles(`${broker}-controller`) }),
    zones: ['zone-1', 'zone-2', 'zone-3'],
    promise: {
      peakTps: { low: 8000, mid: 10_000, high: 14_000 },
      safeTps: estimate(30_000),
      afterLossTps: estimate(15_000),
      saturationTps: 50_000,
      limitedBy: 'network-out',
      probabilityEnough: 0.9,
      survives: ['a broker lost', 'a zone lost'],
      losses: [{ kind: 'brokers-lost' }, { kind: 'zone-lost' }],
    },
    resources: [],
    margin: {
      resource: 'network-out',
      base: { value: 1, unit: 'bytes/s' },
      installed: 1,
      entries: [],
      product: 1,
    },
    sensitivity: [],
    rejections: [],
    assumptions: [],
    findings: [],
    ...over,
  };
}

export const plansOf = (...clusters: ClusterPlan[]): ClusterPlans => ({
  schemaVersion: 1,
  worlds: { count: 512, seed: 'plimsoll' },
  costUnit: 'hosts',
  clusters,
  refused: [],
  totals: { clusters: clusters.length, brokers: 6, nameServers: 3, controllers: 0 },
  findings: [],
});
