// Provides a sizing for pages: single, shared and split domains, and a hostile name.

import type { ClusterPlan } from '../../core/documents/cluster-plan.ts';
import type { SqliteHistory } from '../../service/history/sqlite-history.ts';
import { plannedCluster } from './cluster-plan.ts';

const around = (mid: number) => ({ low: 0.8 * mid, mid, high: 1.25 * mid });

const [domain = { name: '' } as ClusterPlan['domains'][number]] = plannedCluster().domains;

const growth = 1.3;
const promotion = 3;
/** Zone lost: one of three leaves two thirds of Kafka's brokers, and one of the two DLedger groups. */
const losses = { kafka: { left: 4, masters: 6 }, rocketmq: { left: 1, masters: 2 } };

const lossOf = (broker: keyof typeof losses) => losses[broker].masters / losses[broker].left;

const margin = (broker: keyof typeof losses, peak: number): ClusterPlan['margin'] => ({
  resource: 'messages',
  base: { value: peak / (growth * promotion), unit: 'messages/s' },
  installed: peak * lossOf(broker),
  entries: [
    { reserve: 'growth', factor: growth, why: 'usual peak of the planned day, divided by that of today' },
    { reserve: 'promotion', factor: promotion, why: 'peak of the promotion, divided by a usual peak' },
    {
      reserve: 'loss',
      factor: lossOf(broker),
      why: 'a zone lost, until leaders are elected',
      facts: { loss: { kind: 'zone-lost', elects: true }, ...losses[broker] },
    },
  ],
  product: growth * promotion * lossOf(broker),
});

/** @param probabilityEnough of two lognormal estimates with the intervals of `around` */
const sizedFor = (
  broker: keyof typeof losses,
  peak: number,
  afterLoss: number,
  probabilityEnough: number,
): Pick<ClusterPlan, 'broker' | 'promise' | 'margin'> => ({
  broker,
  promise: {
    ...plannedCluster().promise,
    peakTps: around(peak),
    safeTps: around(afterLoss * lossOf(broker)),
    afterLossTps: around(afterLoss),
    limitedBy: 'messages',
    probabilityEnough,
  },
  margin: margin(broker, peak),
});

const available = 5500;

/** A smaller host type, of which each broker (or group of three) carries `available` messages per second. */
function dearer(broker: 'kafka' | 'rocketmq', peak: number): ClusterPlan['rejections'][number] {
  const masters = Math.ceil((lossOf(broker) * peak) / available);
  const hosts = broker === 'kafka' ? masters : 3 * masters;
  const cost = 7000 * hosts;
  return {
    shape: '8c16g',
    broker,
    mode: broker === 'kafka' ? 'kraft' : 'dledger',
    reason: 'dearer',
    resource: 'messages',
    needed: (lossOf(broker) * peak) / (masters - 1),
    available,
    unit: 'messages/s',
    brokers: hosts,
    cost,
    message: `${masters} for messages; ${cost} against 86,400 CNY a month`,
    cause: {
      kind: 'costs',
      clusters: 1,
      masters,
      noun: broker === 'kafka' ? 'broker' : 'group',
      hosts,
      resource: 'messages',
      cost,
      planCost: 86_400,
      costUnit: 'CNY',
    },
  };
}

const rejectionsOf = (name: string, peak: number): ClusterPlan['rejections'] => [
  dearer('rocketmq', peak),
  {
    shape: 'any',
    broker: 'rocketmq',
    mode: 'master-slave',
    reason: 'rule',
    resource: 'zones',
    message: `${name} must never lose a message`,
    cause: { kind: 'fixed-master', domain: name },
  },
];

export function shownPlanning(hostile: string): ClusterPlan[] {
  const partOf = { document: 'ab'.repeat(32), costUnit: 'CNY' };
  const planned = (over: Partial<ClusterPlan>) => {
    const plan = plannedCluster({ cost: 86_400, partOf, ...over });
    const mean = plan.promise.peakTps.mid / plan.domains.length;
    const averageTps = 0.4 * mean;
    // So small that the rate of messages limits, not the links.
    const load = {
      messageBytes: 150,
      peakTps: around(mean),
      averageTps,
      usualTps: averageTps,
      promotionDayTps: averageTps,
    };
    return { ...plan, domains: plan.domains.map((each) => ({ ...each, ...load })) };
  };
  return [
    planned({
      ...sizedFor('rocketmq', 42_900, 90_000, 0.999),
      rejections: rejectionsOf('orders', 42_900),
      partOf: {
        ...partOf,
        refused: [
          {
            domain: '审计',
            reason: 'the demand needs 40 clusters, and at most 32 are allowed',
            hint: 'add larger host types to the catalogue',
            cause: {
              kind: 'too-small',
              shape: '24c48g',
              nearest: { kind: 'too-many-clusters', clusters: 40, mostClusters: 32 },
            },
          },
        ],
      },
    }),
    planned({
      name: 'shared',
      rejections: [dearer('rocketmq', 60_000)],
      domains: ['returns', '订单'].map((name) => ({ ...domain, name })),
      ...sizedFor('rocketmq', 60_000, 90_000, 0.95),
    }),
    ...['logs-1', 'logs-2'].map((name) =>
      planned({
        name,
        rejections: [dearer('kafka', 45_000)],
        domains: [{ ...domain, name: 'logs', share: 0.5 }],
        ...sizedFor('kafka', 45_000, 75_000, 0.98),
      }),
    ),
    planned({
      name: hostile,
      domains: [{ ...domain, name: hostile }],
      rejections: rejectionsOf(hostile, 38_000),
      ...sizedFor('rocketmq', 38_000, 60_000, 0.97),
    }),
  ];
}

export function fillSizing(history: SqliteHistory, hostile: string): void {
  for (const document of shownPlanning(hostile)) {
    const { name } = document.domains[0] ?? domain;
    history.append(
      { kind: 'plan', domain: name, document, evidence: '/plans/plan.json' },
      { name: 'anna', through: 'cli' },
    );
  }
}
