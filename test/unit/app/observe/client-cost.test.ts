import { expect, test } from 'vitest';
import { costOfClients, type CostQuestion } from '../../../../app/observe/client-cost.ts';
import type { LoadByName } from '../../../../app/observe/resource-demand.ts';
import type { SampledProducer } from '../../../../brokers/client-use.ts';
import type { ClusterSnapshot } from '../../../../brokers/snapshot.ts';
import type { Limit } from '../../../../core/documents/analysis.ts';
import { snapshotWith } from '../../../support/rocketmq-snapshot.ts';

/** A producer of messages with 500 bytes of body in batches. */
const sampled = (producerId: bigint, messagesPerSecond: number, messagesPerBatch: number): SampledProducer => ({
  topic: 'orders',
  producerId,
  messagesPerSecond,
  bytesPerSecond: messagesPerSecond * (508 + 61 / messagesPerBatch),
  messagesPerBatch,
});

const snapshot: ClusterSnapshot = {
  cluster: { name: 'orders', kind: 'kafka', brokers: [] },
  topics: [
    {
      name: 'orders',
      internal: false,
      partitions: [{ topic: 'orders', partition: 0, leader: '1', replicas: ['1', '2'], inSyncReplicas: ['1'] }],
    },
  ],
  offsets: [],
  groups: [],
  sections: [],
};

const load = (produceTps: number, groups: Readonly<Record<string, number>> = {}, topic = 'orders'): LoadByName => {
  const consumeTps = Object.values(groups).reduce((sum, each) => sum + each, 0);
  return {
    produceTps,
    consumeTps,
    topics: new Map([[topic, { produceTps, consumeTps }]]),
    groups: new Map(
      Object.entries(groups).map(([name, tps]) => [name, { consumeTps: tps, topics: new Map([[topic, tps]]) }]),
    ),
  };
};

const limitOf = (resource: 'network-in' | 'network-out' | 'cpu'): Limit => ({ resource, node: '1' });

function costs(producers: readonly SampledProducer[], over: Partial<CostQuestion> = {}) {
  const topics = [...new Set(producers.map(({ topic }) => topic))];
  return costOfClients({
    limit: limitOf('network-in'),
    snapshot,
    load: load(1000),
    sample: { producers, topics, notices: [] },
    ...over,
  });
}
const sharesOf = (answer: ReturnType<typeof costs>) =>
  Object.fromEntries(answer.clients.map(({ name, share }) => [name, share]));

test('a message alone in its batch uses more of the network card than one in a full batch', () => {
  const { 1: alone = 0, 2: batched = 0 } = sharesOf(costs([sampled(1n, 500, 1), sampled(2n, 500, 100)]));
  expect(alone + batched).toBeCloseTo(1, 9);
  expect(alone).toBeGreaterThan(1.15 * batched);
});

test('large messages use more than small ones of the same topic, and a group reads the stored bytes of both', () => {
  const large = { ...sampled(1n, 500, 100), bytesPerSecond: 5_000_000 };
  const small = { ...sampled(2n, 500, 100), bytesPerSecond: 50_000 };
  const answer = costs([large, small], { load: load(1000, { billing: 1000 }) });
  expect((sharesOf(answer)['1'] ?? 0) / (sharesOf(answer)['2'] ?? 0)).toBeGreaterThan(50);
  const billing = answer.clients.find(({ name }) => name === 'billing');
  expect(billing?.bytesPerSecond).toBeCloseTo(5_050_000, 6);
});

test('an unsampled topic has the same share as a sampled one whose stored messages are as large', () => {
  const partition = { partition: 0, leader: '1', replicas: ['1', '2'], inSyncReplicas: ['1'] };
  const topics = ['orders', 'beyond'].map((name) => ({
    name,
    internal: false,
    partitions: [{ ...partition, topic: name }],
  }));
  const stored = sampled(1n, 500, 32);
  const { unattributedShare } = costs([stored], {
    load: { topics: new Map(topics.map(({ name }) => [name, { produceTps: 500 }])), groups: new Map() },
    snapshot: {
      ...snapshot,
      topics,
      offsets: [{ topic: 'beyond', partition: 0, start: 0n, end: 1_000_000n }],
      kafka: {
        logDirectories: [],
        topicSizes: [
          { topic: 'beyond', broker: '1', bytes: BigInt(2_000_000 * (stored.bytesPerSecond / 500)), futureBytes: 0n },
        ],
        topicConfigs: [],
        zooKeeper: [],
        internals: [],
      },
    },
  });
  expect(unattributedShare).toBeCloseTo(0.5, 3);
});

test('a group reads the stored bytes of an unsampled RocketMQ topic', () => {
  const { clients } = costs([], {
    load: load(1000, { billing: 1000 }),
    snapshot: snapshotWith({
      topicTraffic: [{ topic: 'orders', broker: 'broker-a', messagesPerSecond: 1000, bytesPerSecond: 700_000 }],
    }),
  });
  expect(clients[0]?.bytesPerSecond).toBeCloseTo(700_000, 6);
});

test('if CPU is the limit, producers are compared by their requests', () => {
  const answer = costs([sampled(1n, 100, 1), sampled(2n, 900, 9)], { limit: limitOf('cpu') });
  expect(answer.by).toBe('requests');
  expect(sharesOf(answer)).toEqual({ 1: 0.5, 2: 0.5 });
});

test('producers share the rate of their topic by offsets, not the rate of the sample', () => {
  const { clients } = costs([sampled(1n, 30, 10), sampled(2n, 10, 10)], { load: load(4000) });
  expect(clients.map(({ messagesPerSecond }) => messagesPerSecond)).toEqual([3000, 1000]);
});

test('the share of the safe maximum is the share of the use times the load relative to the safe maximum', () => {
  const { clients } = costs([sampled(1n, 250, 10), sampled(2n, 750, 10)], { loadOfSafeMax: 0.5 });
  expect(clients.map(({ shareOfSafeMax }) => shareOfSafeMax)).toEqual([
    expect.closeTo(0.375, 9),
    expect.closeTo(0.125, 9),
  ]);
});

test('without a verdict, no share of the safe maximum is stated', () => {
  const answer = costs([sampled(1n, 250, 10)], { limit: undefined });
  expect(answer).not.toHaveProperty('loadOfSafeMax');
  expect(answer.clients[0]).not.toHaveProperty('shareOfSafeMax');
});

test('if the outgoing link is the limit, deliveries count as use of their group', () => {
  const answer = costs([sampled(1n, 1000, 50)], {
    limit: limitOf('network-out'),
    load: load(1000, { billing: 1000, audit: 2000 }),
  });
  const { 1: producer = 0, billing = 0, audit = 0 } = sharesOf(answer);
  expect(audit).toBeCloseTo(2 * billing, 9);
  // The producer causes one copy to the follower.
  expect(producer).toBeGreaterThan(0.8 * billing);
  expect(answer.clients[0]?.name).toBe('audit');
});

test('load outside the sample is unattributed', () => {
  const topics = new Map([
    ['orders', { produceTps: 660 }],
    ['beyond', { produceTps: 340 }],
  ]);
  const answer = costs([sampled(1n, 660, 10)], {
    limit: limitOf('cpu'),
    load: { topics, groups: new Map(), produceTps: 1000 },
  });
  expect(answer.unattributedShare).toBeCloseTo(0.34, 9);
});

test('one producer on two topics is one row with the means of both', () => {
  const packed = { ...sampled(1n, 100, 4), compressionRatio: 4 };
  const answer = costs([packed, { ...packed, topic: 'refunds', bytesPerSecond: packed.bytesPerSecond * 3 }], {
    load: { topics: new Map(), groups: new Map() },
  });
  expect(answer.clients).toMatchObject([
    { by: 'producer-id', name: '1', topics: ['orders', 'refunds'], requestsPerSecond: 50, messagesPerRequest: 4 },
  ]);
  expect(answer.clients[0]?.compressionRatio).toBeCloseTo(4, 9);
});

test('producers without an id are one row per topic, and an idle cluster has no attribution', () => {
  const { producerId: _, ...nameless } = sampled(1n, 100, 4);
  expect(costs([nameless]).clients).toMatchObject([{ by: 'without-id', name: 'orders' }]);
  const idle = costs([], { load: { topics: new Map(), groups: new Map(), produceTps: 0 } });
  expect(idle).toEqual({ by: 'messages', clients: [] });
});

test('an idle topic, such as the retry topic of a group, is not listed and does not distort bytes', () => {
  const groups = new Map([
    [
      'billing',
      {
        consumeTps: 400,
        topics: new Map([
          ['%RETRY%billing', 0],
          ['orders', 400],
        ]),
      },
    ],
  ]);
  const answer = costs([sampled(1n, 400, 10)], { load: { ...load(400), groups } });
  const billing = answer.clients.find(({ name }) => name === 'billing');
  expect(billing).toMatchObject({ topics: ['orders'], bytesPerSecond: expect.closeTo(400 * 514.1, 6) });
});

test.each([
  ['whole', 'orders', {}, 'bytes-in'],
  ['compacted', 'orders', { cleanupPolicy: 'compact,delete' }, 'messages'],
  ['tiered', 'orders', { isTiered: true as const }, 'messages'],
  ['purged by Kafka Streams', 'totals-by-key-repartition', {}, 'messages'],
])(
  'for a %s log, computes message sizes from bytes and offsets only if the log is complete',
  (_, topic, config, unit) => {
    const { by } = costs([], {
      load: load(1000, { billing: 1000 }, topic),
      snapshot: {
        ...snapshot,
        offsets: [{ topic, partition: 0, start: 0n, end: 1_000_000n }],
        kafka: {
          logDirectories: [],
          topicSizes: [{ topic, broker: '1', bytes: 90_000_000n, futureBytes: 0n }],
          topicConfigs: [{ topic, ...config }],
          zooKeeper: [],
          internals: [],
        },
      },
    });
    expect(by).toBe(unit);
  },
);
