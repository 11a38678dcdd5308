// Provides the clusters of the event page: near its limit, unknown, and with a hostile name.

import { measuredOrders } from './capacity-report-inputs.ts';
import type { HistoryEntry } from '../../core/documents/history-entry.ts';
import type { ClusterStatus } from '../../core/documents/cluster-status.ts';
import type { EventParts } from '../../service/pages/event.ts';

export const eventNow = new Date('2026-11-10T20:00:00Z');
const iso = (minutes: number) => new Date(eventNow.getTime() + minutes * 60_000).toISOString();

export const hostileName = `</td><script>alert(1)</script>'"=1+1\u202e${'x'.repeat(190)}`;

const verdict: NonNullable<ClusterStatus['verdict']> = {
  entry: 1,
  at: iso(-1440),
  ageSeconds: 86_400,
  kind: 'test',
  drifted: [],
};
const status = (cluster: string, over: Partial<ClusterStatus>): ClusterStatus => ({
  cluster,
  broker: 'kafka',
  domains: [],
  state: 'ok',
  verdict,
  safeMaxTps: measuredOrders.safeMaxTps,
  ...over,
});

const now = { produceTps: 20_000, at: eventNow.toISOString(), source: 'exporter' };
const peak = { tps: 30_000, low: 27_000, high: 33_000, at: iso(100) };
const clusters: ClusterStatus[] = [
  status('orders', { now, headroom: 0.2, forecast: { entry: 2, peak }, trust: { graded: 10, held: 9 } }),
  status(hostileName, { broker: 'rocketmq', state: 'stale' }),
  { cluster: 'new', broker: 'kafka', domains: [], state: 'unknown' },
];

const by = { name: 'plimsoll', through: 'schedule' } as const;
const entries: HistoryEntry[] = [
  {
    id: 1,
    at: iso(-1440),
    by,
    kind: 'test',
    cluster: 'orders',
    document: measuredOrders,
  },
  {
    id: 2,
    at: iso(-60),
    by,
    kind: 'forecast',
    cluster: 'orders',
    document: {
      horizonEndsAt: iso(1500),
      peak: { ...peak, confidence: 0.8 },
      points: [
        { at: iso(0), tps: 20_000, low: 18_000, high: 22_000 },
        { at: iso(100), tps: 30_000, low: 27_000, high: 33_000 },
        { at: iso(1500), tps: 30_000, low: 27_000, high: 33_000 },
      ],
      chosen: 'seasonal',
    },
  },
];

const rates = (all: Record<string, number>) =>
  new Map(Object.entries(all).map(([name, produceTps]) => [name, { produceTps }]));

export const eventParts = {
  clock: { now: () => eventNow },
  statuses: {
    fleet: () => ({
      at: eventNow.toISOString(),
      clusters,
      promotion: { name: '双十一', from: iso(-60), to: iso(1440), isOn: true },
    }),
    cluster: (name: string) => clusters.find(({ cluster }) => cluster === name),
  },
  history: { entry: (id: number) => entries.find((entry) => entry.id === id) },
  config: { clientIds: { orders: { payments: 'payment-service', [hostileName]: "shop'; rm -rf / #" } } },
  clusters: new Map([
    [
      'orders',
      {
        shown: { topics: { deny: [] }, groups: { deny: [] } },
        last: () => ({
          at: eventNow,
          snapshot: {
            cluster: {
              name: 'orders',
              kind: 'kafka',
              brokers: ['1', '2', '3'].map((id) => ({ id, address: `10.0.0.${id}:9092` })),
            },
            topics: ['payments', hostileName].map((topic) => ({
              name: topic,
              internal: false,
              partitions: ['1', '2', '3'].map((id, partition) => ({
                topic,
                partition,
                leader: id,
                replicas: [id],
                inSyncReplicas: [id],
              })),
            })),
            offsets: ['payments', hostileName].map((topic) => ({ topic, partition: 0, start: 0n, end: 1000n })),
            kafka: { topicSizes: ['payments', hostileName].map((topic) => ({ broker: '1', topic, bytes: 500_000n })) },
          },
        }),
        traffic: () => ({
          at: eventNow,
          seconds: 15,
          produceTps: 20_000,
          brokers: rates({ '1': 12_000, '2': 4000, '3': 4000 }),
          topics: rates({ payments: 12_000, [hostileName]: 8000 }),
          groups: new Map(),
        }),
      },
    ],
  ]),
} as unknown as EventParts;
