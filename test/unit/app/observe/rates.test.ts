import { describe, expect, test } from 'vitest';
import type { ClusterInspector } from '../../../../brokers/driver.ts';
import type { ClusterLookup } from '../../../../brokers/lookup.ts';
import type { ClusterSnapshot, GroupSnapshot } from '../../../../brokers/snapshot.ts';
import type { RocketmqDetails } from '../../../../brokers/rocketmq/details.ts';
import { groupsToAsk, rank, scopeOf } from '../../../../app/observe/rank.ts';
import {
  observeOffsets,
  type Rates,
  ratesBetween,
  type Reading,
  type TopicSize,
} from '../../../../app/observe/rates.ts';
import { takeReading } from '../../../../app/observe/readings.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { brokerWith, snapshotWith } from '../../../support/rocketmq-snapshot.ts';

type Ends = Readonly<Record<string, readonly bigint[]>>;

/** Two brokers; broker 1 leads partition 0 of each topic, broker 2 all others, and both replicate all. */
function snapshotOf(ends: Ends, { commits = {}, ids = {} }: { commits?: Ends; ids?: Record<string, string> } = {}) {
  const entries = Object.entries(ends);
  return {
    cluster: { name: 'orders', kind: 'kafka', brokers: ['1', '2'].map((id) => ({ id, address: `b${id}:9092` })) },
    topics: entries.map(([name, own]) => ({
      name,
      ...(ids[name] !== undefined && { id: ids[name] }),
      internal: false,
      partitions: own.map((_, partition) => ({
        topic: name,
        partition,
        leader: partition === 0 ? '1' : '2',
        replicas: ['1', '2'],
        inSyncReplicas: ['1', '2'],
      })),
    })),
    offsets: entries.flatMap(([topic, own]) => own.map((end, partition) => ({ topic, partition, start: 0n, end }))),
    groups: Object.entries(commits).map(([name, own]) => ({
      name,
      partitions: own.map((committed, partition) => ({ topic: 'payments', partition, end: 10_000n, committed })),
    })),
    sections: [],
  } satisfies ClusterSnapshot;
}

const at = (atSeconds: number, snapshot: ClusterSnapshot, sizes?: TopicSize[]): Reading => ({
  atSeconds,
  snapshot,
  ...(sizes && { sizes }),
});
const sizesOf = (topic: string, one: bigint, two: bigint): TopicSize[] => [
  { broker: '1', topic, bytes: one },
  { broker: '2', topic, bytes: two },
];
const everywhere = { by: 'messages', scope: { kind: 'all' }, members: new Map() } as const;

test('counts messages at the leader of the partition', () => {
  const { topics } = ratesBetween(
    at(0, snapshotOf({ payments: [0n, 0n] })),
    at(10, snapshotOf({ payments: [100n, 50n] })),
  );
  expect(topics).toEqual([
    { topic: 'payments', broker: '1', messagesPerSecond: 10 },
    { topic: 'payments', broker: '2', messagesPerSecond: 5 },
  ]);
});

test('a broker shows the busiest resource of its host if the config has its host', () => {
  const sampled = (reading: Reading, user: number): Reading => {
    const cpu = { user, nice: 0, system: 0, idle: 10, iowait: 0, irq: 0, softirq: 0, steal: 0 };
    const sample = { atSeconds: reading.atSeconds, reading: { cpus: [cpu] }, speeds: new Map<string, number>() };
    return { ...reading, machines: new Map([['2', sample]]) };
  };
  const still = snapshotOf({ payments: [0n, 0n] });
  const { brokers } = ratesBetween(sampled(at(0, still), 0), sampled(at(10, still), 8));
  expect(brokers.map(({ machine }) => machine)).toEqual([undefined, { resource: 'cpu', busyRatio: 1 }]);
});

test('bytes are the growth of the log of one copy', () => {
  const { topics, brokers } = ratesBetween(
    at(0, snapshotOf({ payments: [0n, 0n] }), sizesOf('payments', 5000n, 5000n)),
    at(10, snapshotOf({ payments: [100n, 100n] }), sizesOf('payments', 25_000n, 25_000n)),
  );
  expect(topics).toMatchObject([
    { broker: '1', bytesPerSecond: 1000, method: 'log-growth' },
    { broker: '2', bytesPerSecond: 1000, method: 'log-growth' },
  ]);
  expect(brokers[0]).toMatchObject({ broker: '1', written: { bytesPerSecond: 1000, method: 'log-growth' } });
});

test('a broker that does not report log sizes affects only topics that it has a copy of', async () => {
  const snapshot = snapshotOf({ payments: [0n], refunds: [0n] });
  for (const partition of snapshot.topics[1]?.partitions ?? []) partition.replicas = ['1'];
  const sizes = ['payments', 'refunds'].map((topic) => ({ broker: '1', topic, bytes: 5000n }));
  const notices = ['cannot read log sizes on b2:9092: no answer'];
  const lookup: Partial<ClusterLookup> = {
    topicSizes: async () => ({ kind: 'answered', value: { sizes, silent: ['2'], notices } }),
  };
  const source = {
    inspector: { snapshot: async () => snapshot } as unknown as ClusterInspector,
    lookup: lookup as ClusterLookup,
    clock: createHandClock(),
  };
  const taken = await takeReading(source, { signal: new AbortController().signal });
  expect(taken.reading.sizes).toEqual([{ broker: '1', topic: 'refunds', bytes: 5000n }]);
  expect(taken.notices).toEqual(['bytes by topic: cannot read log sizes on b2:9092: no answer']);
});

test('a log that deleted messages in the interval has only a rate by mean message size', () => {
  const { topics } = ratesBetween(
    at(0, snapshotOf({ payments: [0n] }), sizesOf('payments', 90_000n, 90_000n)),
    at(10, snapshotOf({ payments: [100n] }), sizesOf('payments', 20_000n, 95_000n)),
  );
  expect(topics[0]).toMatchObject({ method: 'mean-size', bytesPerSecond: 5750 });
});

test('the size of a compacted topic is not used as the size of its messages', () => {
  const of = (end: bigint, cleanupPolicy: string): ClusterSnapshot => ({
    ...snapshotOf({ payments: [end] }),
    kafka: {
      logDirectories: [],
      topicSizes: [],
      topicConfigs: [{ topic: 'payments', cleanupPolicy }],
      zooKeeper: [],
      internals: [],
    },
  });
  const between = (cleanupPolicy: string) =>
    ratesBetween(
      at(0, of(0n, cleanupPolicy), sizesOf('payments', 5000n, 5000n)),
      at(10, of(100n, cleanupPolicy), sizesOf('payments', 5000n, 5000n)),
    ).topics[0];
  expect(between('delete')).toMatchObject({ method: 'mean-size', bytesPerSecond: 500 });
  expect(between('compact')).not.toHaveProperty('bytesPerSecond');
});

test('unknown bytes are absent, and so is their sum', () => {
  const { topics, brokers } = ratesBetween(
    at(0, snapshotOf({ payments: [0n] })),
    at(1, snapshotOf({ payments: [1n] })),
  );
  expect(topics[0]).not.toHaveProperty('bytesPerSecond');
  expect(brokers[0]?.written).toEqual({ messagesPerSecond: 1 });
});

test.each([
  ['re-created under its name', { payments: [50n] }, { payments: 'new' }],
  ['with an end before the one read first', { payments: [3n] }, { payments: 'old' }],
])('a topic %s has no rate', (_, ends, ids) => {
  const before = at(0, snapshotOf({ payments: [5n] }, { ids: { payments: 'old' } }));
  const { topics } = ratesBetween(before, at(1, snapshotOf(ends, { ids })));
  expect(topics).toEqual([]);
});

test('two readings at the same time have no rates', () => {
  const reading = at(5, snapshotOf({ payments: [5n] }));
  expect(ratesBetween(reading, reading)).toEqual({ seconds: 0, topics: [], groups: [], brokers: [], unknown: [] });
});

describe('a broker that could not be read in one interval', () => {
  const of = (one: bigint, two: bigint, kept?: number): ClusterSnapshot => ({
    ...snapshotOf({ payments: [one, two] }),
    sections: [
      { section: 'offsets', broker: '1', kind: 'fresh', ageSeconds: 0 },
      {
        section: 'offsets',
        broker: '2',
        ...(kept === undefined ? { kind: 'fresh' } : { kind: 'kept', ageSeconds: kept }),
      },
    ],
  });
  const kept = () => [at(0, of(0n, 0n)), at(10, of(100n, 0n, 10.1)), at(20, of(200n, 400n))] as const;
  const missing = () => {
    const [first, second, third] = kept();
    const offsets = second.snapshot.offsets.filter(({ partition }) => partition === 0);
    const sections = second.snapshot.sections.map((each) => ({
      ...each,
      ...(each.broker === '2' && { kind: 'missing' as const }),
    }));
    return [first, { ...second, snapshot: { ...second.snapshot, offsets, sections } }, third] as const;
  };

  test.each([
    ['kept', kept],
    ['missing', missing],
  ] as const)('has no rate in that interval, and afterwards the mean over both: %s', (_, readings) => {
    const [first, second, third] = readings();
    const known = observeOffsets(second, observeOffsets(first));
    const during = ratesBetween({ ...first, known: observeOffsets(first) }, { ...second, known });
    expect(during.topics).toEqual([{ topic: 'payments', broker: '1', messagesPerSecond: 10 }]);
    expect(during.unknown).toEqual([{ topic: 'payments', broker: '2' }]);
    expect(during.brokers.map(({ written }) => written)).toEqual([{ messagesPerSecond: 10 }, {}]);
    const after = ratesBetween({ ...second, known }, third);
    expect(after.topics).toEqual([
      { topic: 'payments', broker: '1', messagesPerSecond: 10 },
      { topic: 'payments', broker: '2', messagesPerSecond: 20 },
    ]);
  });

  test('leaves shares unknown, because the total is unknown', () => {
    const [first, second] = kept();
    const ranking = rank(ratesBetween(first, second), everywhere);
    expect(ranking.topics).toEqual([{ name: 'payments', messagesPerSecond: 10 }]);
  });
});

test('commits that could not be read leave the read rates of brokers unknown', () => {
  const of = (committed: bigint, kind: 'fresh' | 'missing'): ClusterSnapshot => ({
    ...snapshotOf({ payments: [0n] }, { commits: { fast: [committed] } }),
    sections: [{ section: 'commits', broker: '2', kind }],
  });
  const read = ratesBetween(at(0, of(0n, 'fresh')), at(1, of(5n, 'fresh')));
  expect(read.brokers[0]?.read).toEqual({ messagesPerSecond: 5 });
  const unread = ratesBetween(at(0, of(0n, 'fresh')), at(1, { ...of(0n, 'missing'), groups: [] }));
  expect(unread.brokers[0]?.read).toEqual({});
  const late = of(5n, 'fresh');
  const partitions = [{ topic: 'payments', partition: 0, end: 10_000n, committed: 1n }];
  const readBeside = (slow: Partial<GroupSnapshot>) => {
    const groups = [...late.groups, { name: 'slow', partitions, commitsAgeSeconds: 30, ...slow }];
    return ratesBetween(at(0, of(0n, 'fresh')), at(1, { ...late, groups })).brokers[0]?.read;
  };
  expect(readBeside({})).toEqual({});
  // The group is refused permanently, or deleted.
  expect(readBeside({ partitions: [] })).toEqual({ messagesPerSecond: 5 });
  expect(readBeside({ isUnlisted: true })).toEqual({ messagesPerSecond: 5 });
});

test('counters of the broker have precedence over sums of its topics', () => {
  const counting = (value: number): ClusterSnapshot => ({
    ...snapshotOf({ payments: [BigInt(value)] }),
    kafka: {
      logDirectories: [],
      topicSizes: [],
      topicConfigs: [],
      zooKeeper: [],
      internals: [
        {
          broker: '1',
          agent: 'jolokia',
          dropped: 0,
          values: [
            { metric: 'kafka_broker_bytes_in_total', labels: [], value: value * 7 },
            { metric: 'kafka_broker_bytes_out_total', labels: [], value: value * 9 },
          ],
        },
      ],
    },
  });
  const { brokers } = ratesBetween(at(0, counting(100)), at(1, counting(200)));
  expect(brokers[0]).toEqual({
    broker: '1',
    written: { messagesPerSecond: 100, bytesPerSecond: 700, method: 'counter' },
    read: { messagesPerSecond: 0, bytesPerSecond: 900, method: 'counter' },
  });
});

/** payments: 100 messages a second at broker 2, 10 at broker 1; group fast commits 60 a second at broker 2. */
const moving: Rates = ratesBetween(
  at(0, snapshotOf({ payments: [0n, 0n], orders: [0n] }, { commits: { fast: [0n, 0n], idle: [7n, 7n] } })),
  at(1, snapshotOf({ payments: [10n, 100n], orders: [30n] }, { commits: { fast: [4n, 60n], idle: [7n, 7n] } })),
);

test('shows the busiest broker unless another is requested', () => {
  const ranking = rank(moving, { ...everywhere, scope: { kind: 'busiest' } });
  expect(ranking).toMatchObject({ busiest: { broker: '2', resource: 'writes' }, broker: '2' });
  expect(ranking.topics).toEqual([{ name: 'payments', messagesPerSecond: 100, share: 1 }]);
  const other = rank(moving, { ...everywhere, scope: { kind: 'broker', id: '1' } });
  expect(other.topics.map(({ name }) => name)).toEqual(['orders', 'payments']);
  expect(other.topics[0]?.share).toBeCloseTo(0.75);
});

test('idle groups are not ranked, and their members are not read', () => {
  expect(rank(moving, everywhere).groups.map(({ name }) => name)).toEqual(['fast']);
  expect(groupsToAsk(moving, 10)).toEqual(['fast']);
});

test('a client has the rate that it reads, and a partition with several readers counts for none', () => {
  const member = (id: string, ...partitions: number[]) => ({
    id,
    clientId: id,
    address: '10.0.0.9',
    assigned: partitions.map((partition) => ({ topic: 'payments', partition })),
  });
  const members = new Map([['fast', [member('a', 0, 1), member('b', 0)]]]);
  expect(rank(moving, { ...everywhere, members }).clients).toEqual([
    { name: 'a 10.0.0.9 (fast)', messagesPerSecond: 60, share: 1 },
  ]);
});

test('an idle cluster has no busiest broker', () => {
  const still = ratesBetween(at(0, snapshotOf({ payments: [1n] })), at(1, snapshotOf({ payments: [1n] })));
  expect(rank(still, everywhere)).not.toHaveProperty('busiest');
});

/**
 * One master whose topic gets a thousand messages of 300 bytes each second; its mean size of the last minute differs.
 *
 * @param topics number of topics with this rate on the broker
 */
function rocketmqSnapshot(seconds: number, minute: Partial<RocketmqDetails> = {}, topics = 1n): ClusterSnapshot {
  const counted = BigInt(seconds) * 1000n;
  const runtime = new Map([
    ['putMessageTimesTotal', String(topics * counted)],
    ['putMessageSizeTotal', String(topics * counted * 300n)],
  ]);
  const place = { topic: 'payments', partition: 0, brokerName: 'a' };
  return snapshotWith(
    { brokers: [brokerWith({ id: 'a:0', runtime })], ...minute },
    {
      cluster: { name: 'trade', kind: 'rocketmq', brokers: [{ id: 'a:0', address: '10.0.0.97:10911' }] },
      topics: [
        {
          name: 'payments',
          internal: false,
          partitions: [{ ...place, leader: 'a:0', replicas: [], inSyncReplicas: [] }],
        },
      ],
      offsets: [{ ...place, start: 0n, end: counted }],
    },
  );
}

test('a RocketMQ topic among others has the mean size of its last minute, or before that of all stored messages', () => {
  const topicTraffic = [{ topic: 'payments', broker: 'a:0', messagesPerSecond: 10, bytesPerSecond: 2500 }];
  const among = (seconds: number, minute = {}) => rocketmqSnapshot(seconds, minute, 2n);
  const told = ratesBetween(at(0, among(0)), at(2, among(2, { topicTraffic })));
  expect(told.topics).toMatchObject([{ messagesPerSecond: 1000, bytesPerSecond: 250_000, method: 'minute-mean' }]);
  const young = ratesBetween(at(0, among(0)), at(2, among(2)));
  expect(young.topics).toMatchObject([{ messagesPerSecond: 1000, bytesPerSecond: 300_000, method: 'mean-size' }]);
  expect(young.brokers[0]?.written).toMatchObject({ bytesPerSecond: 600_000, method: 'counter' });
});

test('a RocketMQ topic with nearly all messages of the interval has the mean size of the interval', () => {
  const topicTraffic = [{ topic: 'payments', broker: 'a:0', messagesPerSecond: 10, bytesPerSecond: 1000 }];
  const { topics } = ratesBetween(at(0, rocketmqSnapshot(0)), at(2, rocketmqSnapshot(2, { topicTraffic })));
  expect(topics).toMatchObject([{ messagesPerSecond: 1000, bytesPerSecond: 300_000, method: 'mean-size' }]);
});

test('rejects an unknown broker', () => {
  const brokers = [{ id: 'broker-a:0' }, { id: 'broker-b:0' }];
  expect(scopeOf('broker-b:0', 'orders', brokers)).toEqual({ kind: 'broker', id: 'broker-b:0' });
  expect(scopeOf('all', 'orders', brokers)).toEqual({ kind: 'all' });
  expect(() => scopeOf('9', 'orders', brokers)).toThrow(
    expect.objectContaining({ code: 'not-found', message: 'cluster orders has no broker 9' }),
  );
});
