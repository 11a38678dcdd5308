import { expect, test } from 'vitest';
import { findObstacles, type BrokerFacts, type LoadSafetyFacts } from '../../../../loadgen/guard/load-safety.ts';
import { deletionSecondsOf } from '../../../../loadgen/guard/stored-bytes.ts';

// The original case: 500 B messages of 595 B on the wire, one master with two slaves and one group, a gigabit NIC.
const master: BrokerFacts = { id: 'broker-a:0', leaderShare: 1, replicaShare: 1 / 3, linkBytesPerSecond: 125e6 };
const facts: LoadSafetyFacts = {
  broker: 'rocketmq',
  acks: 'all',
  storedMessageBytes: 600,
  wireMessageBytes: 595,
  largestMessageBytes: 500,
  messages: 1e6,
  peakTps: 70_000,
  groups: 1,
  replicationFactor: 3,
  brokers: [master],
  maxNicShare: 1,
};
const obstacles = (over: Partial<LoadSafetyFacts>) => findObstacles({ ...facts, ...over });

test('70,000 msg/s just fit through the outbound side of a gigabit NIC with three replicas', () => {
  expect(obstacles({})).toEqual([]);
  expect(obstacles({ peakTps: 71_000 })).toEqual([expect.stringContaining('at most 70,028 msg/s fit')]);
});

test('a share of the NIC lowers the rate that fits', () => {
  expect(obstacles({ maxNicShare: 0.5 })[0]).toContain('out of broker broker-a:0');
  // It leads a tenth of the partitions, and has a copy of each.
  const follower = { ...master, leaderShare: 0.1 };
  expect(obstacles({ brokers: [follower], maxNicShare: 0.3 })).toEqual([
    expect.stringMatching(/into broker broker-a:0.* at most 63,025 msg\/s fit$/),
  ]);
});

test('the data to store, limited by retention, is compared with the free space', () => {
  const brokers = [{ ...master, rooms: [{ freeBytes: 150e6, usableBytes: 1e9, reserveBytes: 50e6 }] }];
  expect(obstacles({ brokers })).toEqual([
    expect.stringContaining('would store 600 MB and has 100 MB to give, with 50 MB kept free: '),
  ]);
  expect(obstacles({ brokers, retainedBytes: 90e6, mostTps: 10 })).toEqual([]);
});

test('data that brokers have not deleted yet counts as stored', () => {
  const topic = { broker: 'kafka' as const, replicationFactor: 1, groups: 0, messages: 1e9, retainedBytes: 1e9 };
  const load = { ...topic, peakTps: 10_000, mostTps: 10_000 };
  const [broker] = [
    { id: '1', leaderShare: 1, replicaShare: 1, rooms: [{ freeBytes: 3e9, usableBytes: 4e9, reserveBytes: 0 }] },
  ];
  // 6 MB/s for the 300 s until the brokers check retention again, and the 60 s until they delete.
  expect(obstacles({ ...load, brokers: [broker] })).toEqual([
    expect.stringContaining('would store 3.16 GB and has 3 GB to give'),
  ]);
  const settings = new Map([
    ['log.retention.check.interval.ms', '30000'],
    ['log.segment.delete.delay.ms', '1000'],
  ]);
  const soon = { ...broker, deletionSeconds: deletionSecondsOf(settings) };
  expect(obstacles({ ...load, brokers: [soon] })).toEqual([]);
});

test('a search is checked at its highest rate, and not at all without one', () => {
  const brokers = [
    { id: '1', leaderShare: 1, replicaShare: 1, rooms: [{ freeBytes: 3e9, usableBytes: 4e9, reserveBytes: 0 }] },
  ];
  const { messages: _messages, peakTps: _peakTps, ...search } = { ...facts, groups: 0, replicationFactor: 1 };
  const stored = { ...search, broker: 'kafka' as const, retainedBytes: 1e9, brokers };
  expect(findObstacles({ ...stored, mostTps: 10_000 })).toEqual([expect.stringContaining('would store 3.16 GB')]);
  expect(findObstacles(stored)).toEqual([]);
});

test('a message larger than brokers accept is refused with their limit', () =>
  expect(obstacles({ largestMessageBytes: 5e6, mostMessageBytes: 4_194_304 })[0]).toContain(
    '4.19 MB (maxMessageSize)',
  ));

test('a message that exceeds the limit only by its overhead is refused with exact sizes', () => {
  const limits = { largestMessageBytes: 1_048_576, mostMessageBytes: 1_048_588 };
  expect(obstacles({ broker: 'kafka', replicationFactor: 1, ...limits, largestStoredBytes: 1_048_650 })[0]).toBe(
    'messages have up to 1,048,650 bytes with key and record overhead and the brokers take 1,048,588 bytes (message.max.bytes): send smaller ones',
  );
  expect(obstacles({ ...limits, largestStoredBytes: 1_048_588 })).toEqual([]);
});

test('a replication factor above the number of Kafka brokers is refused', () => {
  expect(obstacles({ broker: 'kafka', replicationFactor: 2, peakTps: 1000 })).toEqual([
    'the topic is to have 2 replicas, and the cluster has 1 broker: set fewer replicas',
  ]);
  // A broker that is down still holds its replica of an existing topic.
  expect(obstacles({ broker: 'kafka', replicationFactor: 2, peakTps: 1000, isTopicThere: true })).toEqual([]);
});

test('acks all with fewer replicas than min.insync.replicas is refused', () => {
  expect(obstacles({ replicationFactor: 1, minInSyncReplicas: 2 })[0]).toContain('min.insync.replicas is 2');
  expect(obstacles({ replicationFactor: 1, minInSyncReplicas: 2, acks: 'leader' })).toEqual([]);
});
