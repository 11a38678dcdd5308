// Provides a sizing for pages: single, shared and split domains, and a hostile name.

import type { ClusterPlan } from '../../core/documents/cluster-plan.ts';
import type { SqliteHistory } from '../../service/history/sqlite-history.ts';
import { plannedCluster } from './cluster-plan.ts';

const around = (mid: number) => ({ low: 0.8 * mid, mid, high: 1.25 * mid });

const [domain = { name: '' } as ClusterPlan['domains'][number]] = plannedCluster().domains;

const growth = 1.3;
const promotion = 3;
const loss = 1.5;

const margin = (peak: number): ClusterPlan['margin'] => ({
  resource: 'messages',
  base: { value: peak / (growth * promotion), unit: 'messages/s' },
  installed: peak * loss,
  entries: [
    { reserve: 'growth', factor: growth, why: 'usual peak of the planned day, divided by that of today' },
    { reserve: 'promotion', factor: promotion, why: 'peak of the promotion, divided by a usual peak' },
    {
      reserve: 'loss',
      factor: loss,
      why: 'a zone lost, until leaders are elected: 4 of 6 brokers left',
      facts: { loss: { kind: 'zone-lost', elects: true }, left: 4, masters: 6 },
    },
  ],
  product: growth * promotion * loss,
});

const sizedFor = (peak: number, safe: number): Pick<ClusterPlan, 'promise' | 'margin'> => ({
  promise: {
    ...plannedCluster().promise,
    peakTps: around(peak),
    safeTps: around(safe),
    afterLossTps: around((2 * safe) / 3),
    limitedBy: 'messages',
    probabilityEnough: 0.97,
  },
  margin: margin(peak),
});

const rejections: ClusterPlan['rejections'] = [
  {
    shape: '8c16g',
    broker: 'rocketmq',
    mode: 'dledger',
    reason: 'dearer',
    resource: 'messages',
    needed: 6132,
    available: 5500,
    unit: 'messages/s',
    brokers: 84,
    cost: 100_800,
    message: '2 times 14 groups (84 hosts) for messages; 100,800 against 86,400 CNY a month',
    cause: {
      kind: 'costs',
      clusters: 2,
      masters: 14,
      noun: 'group',
      hosts: 84,
      resource: 'messages',
      cost: 100_800,
      planCost: 86_400,
      costUnit: 'CNY',
    },
  },
  {
    shape: 'any',
    broker: 'rocketmq',
    mode: 'master-slave',
    reason: 'rule',
    resource: 'zones',
    message:
      'orders must never lose a message: after the loss of a fixed master, messages that its slave did not have are unavailable, and no slave takes over',
    cause: { kind: 'fixed-master', domain: 'orders' },
  },
];

const kafkaRejections = rejections.flatMap((each) =>
  each.cause?.kind === 'costs'
    ? [
        {
          ...each,
          broker: 'kafka' as const,
          mode: 'kraft' as const,
          cause: { ...each.cause, noun: 'broker' as const, masters: 42 },
        },
      ]
    : [],
);

export function shownPlanning(hostile: string): ClusterPlan[] {
  const partOf = { document: 'ab'.repeat(32), costUnit: 'CNY' };
  const planned = (over: Partial<ClusterPlan>) => plannedCluster({ rejections, cost: 86_400, partOf, ...over });
  return [
    planned({
      ...sizedFor(42_900, 135_000),
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
      broker: 'kafka',
      rejections: kafkaRejections,
      domains: ['waybills', '订单'].map((name) => ({ ...domain, name })),
      ...sizedFor(60_000, 112_000),
    }),
    planned({
      name: 'logs-1',
      broker: 'kafka',
      rejections: kafkaRejections,
      domains: [{ ...domain, name: 'logs', share: 0.5 }],
      ...sizedFor(200_000, 420_000),
    }),
    planned({ name: hostile, domains: [{ ...domain, name: hostile }], ...sizedFor(900, 2000) }),
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
