import { expect, test } from 'vitest';
import type { ClusterSnapshot } from '../../../../brokers/snapshot.ts';
import type { Limit } from '../../../../core/documents/analysis.ts';
import { cardBytes, messageCost } from '../../../../core/wire/message-cost.ts';
import { sharesOf } from '../../../../service/clusters/resource-shares.ts';
import type { ClusterTraffic } from '../../../../service/clusters/traffic.ts';
import { brokerWith, snapshotWith } from '../../../support/rocketmq-snapshot.ts';

interface Shape {
  produceTps: number;
  /** Stored bytes of a message; absent if unknown. */
  bytes?: number;
  readers?: Readonly<Record<string, number>>;
}

const replicas = 3;
const stored = 1000;

function kafka(topics: Readonly<Record<string, Shape>>): ClusterSnapshot {
  return {
    cluster: { name: 'orders', kind: 'kafka', brokers: [] },
    topics: Object.keys(topics).map((name) => ({
      name,
      internal: false,
      partitions: [{ topic: name, partition: 0, leader: '1', replicas: ['1', '2', '3'], inSyncReplicas: ['1'] }],
    })),
    offsets: Object.keys(topics).map((topic) => ({ topic, partition: 0, start: 10n, end: 10n + BigInt(stored) })),
    groups: [],
    sections: [],
    kafka: {
      topicSizes: Object.entries(topics).flatMap(([topic, { bytes }]) =>
        bytes === undefined
          ? []
          : ['1', '2', '3'].map((broker) => ({ broker, topic, bytes: BigInt(bytes * stored), futureBytes: 0n })),
      ),
    },
  } as unknown as ClusterSnapshot;
}

function trafficOf(topics: Readonly<Record<string, Shape>>, hidden = 0): ClusterTraffic {
  const groups = new Map<string, { consumeTps: number; topics: Map<string, number> }>();
  let produceTps = hidden;
  for (const [topic, { produceTps: tps, readers = {} }] of Object.entries(topics)) {
    produceTps += tps;
    for (const [name, read] of Object.entries(readers)) {
      const group = groups.get(name) ?? { consumeTps: 0, topics: new Map<string, number>() };
      groups.set(name, group);
      group.consumeTps += read;
      group.topics.set(topic, read);
    }
  }
  return {
    at: new Date(0),
    seconds: 15,
    produceTps,
    consumeTps: groups.values().reduce((sum, each) => sum + each.consumeTps, 0),
    brokers: new Map(),
    topics: new Map(
      Object.entries(topics).map(([name, { produceTps: tps, readers = {} }]) => [
        name,
        { produceTps: tps, consumeTps: Object.values(readers).reduce((sum, each) => sum + each, 0) },
      ]),
    ),
    groups,
  };
}

const card = (resource: 'network-in' | 'network-out' | 'disk-io' | 'cpu'): Limit => ({ resource, node: '1' });
const shares = (limit: Limit, topics: Readonly<Record<string, Shape>>, hidden = 0) =>
  sharesOf(limit, kafka(topics), trafficOf(topics, hidden));
const sum = (parts: ReadonlyMap<string, number> | undefined) => parts?.values().reduce((all, each) => all + each, 0);

test('a topic with messages twice as large uses twice as much inbound network, whatever is consumed', () => {
  const found = shares(card('network-in'), {
    small: { produceTps: 100, bytes: 5000, readers: { billing: 100 } },
    large: { produceTps: 100, bytes: 10_000 },
  });
  expect(found?.of).toBe('bytes-in');
  expect((found?.topics.get('large') ?? 0) / (found?.topics.get('small') ?? 1)).toBeCloseTo(2, 1);
  expect(sum(found?.topics)).toBeCloseTo(1);
});

test('outbound network includes replication and consumed messages, as computed from the protocol', () => {
  const topics = {
    read: { produceTps: 100, bytes: 1000, readers: { billing: 100, audit: 100 } },
    idle: { produceTps: 100, bytes: 1000 },
  };
  const found = shares(card('network-out'), topics);
  const cost = messageCost({
    broker: 'kafka',
    mode: 'kraft',
    replicas,
    groups: 1,
    bodyBytes: 1000,
    topicBytes: 4,
    groupBytes: 20,
  });
  const copies = cardBytes(cost, 'producer').out + cardBytes(cost, 'follower').out + cardBytes(cost, 'follower').in;
  const delivered = cardBytes(cost, 'consumer').out;
  const whole = 2 * copies + 2 * delivered;
  expect(found?.topics.get('idle')).toBeCloseTo(copies / whole);
  expect(found?.topics.get('read')).toBeCloseTo((copies + 2 * delivered) / whole);
  expect(found?.groups.get('audit')).toBeCloseTo(delivered / whole);
});

test('disk use is shared by stored bytes, and consumer groups have no share of it', () => {
  const found = shares(card('disk-io'), {
    a: { produceTps: 300, bytes: 30, readers: { billing: 300 } },
    b: { produceTps: 100, bytes: 90 },
  });
  expect([found?.of, found?.groups.size]).toEqual(['bytes-stored', 0]);
  expect(found?.topics.get('a')).toBeCloseTo(0.5);
});

test('resources not measured in bytes are shared by messages, produced and consumed', () => {
  const topics = { a: { produceTps: 100, bytes: 9, readers: { billing: 200 } }, b: { produceTps: 100, bytes: 9999 } };
  const found = shares(card('cpu'), topics);
  expect(found?.of).toBe('messages');
  expect([found?.topics.get('a'), found?.groups.get('billing')]).toEqual([0.75, 0.5]);
  expect(sharesOf({ slo: 'consumer-lag', group: 'billing' }, kafka(topics), trafficOf(topics))?.of).toBe('messages');
});

test('shares are in bytes only while topics of unknown message size are a small part of the load', () => {
  const known = { produceTps: 99, bytes: 500 };
  expect(shares(card('network-in'), { known, odd: { produceTps: 1 } })?.of).toBe('bytes-in');
  expect(shares(card('network-in'), { known, odd: { produceTps: 9 } })?.of).toBe('messages');
});

test('topics that the config excludes keep their part of the total', () => {
  const found = shares(card('network-in'), { shown: { produceTps: 100, bytes: 500 } }, 300);
  expect([found?.of, found?.topics.get('shown')]).toEqual(['messages', 0.25]);
});

test('for RocketMQ message sizes come from broker counters, and slaves store a copy', () => {
  const brokers = [brokerWith({ id: 'broker-a:0' }), brokerWith({ id: 'broker-a:1' })];
  const topics = { a: { produceTps: 100 }, b: { produceTps: 100 } };
  const snapshot = snapshotWith({
    brokers,
    topicTraffic: [
      { broker: 'broker-a', topic: 'a', messagesPerSecond: 100, bytesPerSecond: 40_000 },
      { broker: 'broker-a', topic: 'b', messagesPerSecond: 100, bytesPerSecond: 120_000 },
    ],
  });
  const found = sharesOf(card('network-out'), snapshot, trafficOf(topics));
  expect(found?.of).toBe('bytes-out');
  expect(found?.topics.get('b')).toBeGreaterThan(0.6);
});

test('an idle cluster has nothing to share', () => {
  expect(shares(card('network-in'), { a: { produceTps: 0, bytes: 5 } })).toBe(undefined);
});
