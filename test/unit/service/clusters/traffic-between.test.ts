import { describe, expect, test } from 'vitest';
import { observeLogs } from '../../../../brokers/delta/log-growth.ts';
import { lagsOf } from '../../../../brokers/kafka/inspect/lags.ts';
import type { ClusterSnapshot, Section } from '../../../../brokers/snapshot.ts';
import { trafficBetween } from '../../../../service/clusters/traffic-between.ts';
import { brokerWith, noDetails } from '../../../support/rocketmq-snapshot.ts';

type Ends = Readonly<Record<string, readonly bigint[]>>;

/** Builds a snapshot with the partitions of each topic on brokers 1 and 2 in turn. */
function snapshot(ends: Ends, over: Partial<ClusterSnapshot> = {}): ClusterSnapshot {
  const placed = Object.entries(ends).flatMap(([topic, own]) =>
    own.map((end, partition) => ({ topic, partition, end, leader: String(1 + (partition % 2)) })),
  );
  return {
    cluster: {
      name: 'orders',
      kind: over.rocketmq === undefined ? 'kafka' : 'rocketmq',
      brokers: ['1', '2'].map((id) => ({ id, address: `b${id}:9092` })),
    },
    topics: Object.keys(ends).map((name) => ({
      name,
      id: `id of ${name}`,
      internal: name.startsWith('__'),
      partitions: placed
        .filter(({ topic }) => topic === name)
        .map(({ partition, leader }) => ({ topic: name, partition, leader, replicas: [leader], inSyncReplicas: [] })),
    })),
    offsets: placed.map(({ topic, partition, end }) => ({ topic, partition, start: 0n, end })),
    groups: [],
    sections: [],
    ...over,
  };
}
function between(before: ClusterSnapshot, after: ClusterSnapshot, seconds = 10) {
  const [one, other] = [
    { at: new Date(0), atSeconds: 100, snapshot: before },
    { at: new Date(10_000), atSeconds: 100 + seconds, snapshot: after },
  ];
  const logs = observeLogs(one);
  return trafficBetween({ ...one, logs }, { ...other, logs: observeLogs(other, logs) });
}
const offsets = (kind: Section['kind'], broker: string): Section => ({ section: 'offsets', kind, broker });

test('growth of end offsets is the produce rate in total, by topic and by leader', () => {
  const traffic = between(snapshot({ pay: [0n, 0n], ship: [5n] }), snapshot({ pay: [100n, 50n], ship: [5n] }));
  expect(traffic.produceTps).toBe(15);
  expect(traffic.topics).toEqual(
    new Map([
      ['pay', { produceTps: 15 }],
      ['ship', { produceTps: 0 }],
    ]),
  );
  expect(traffic.brokers).toEqual(
    new Map([
      ['1', { produceTps: 10 }],
      ['2', { produceTps: 5 }],
    ]),
  );
});

test('internal topics of the cluster do not count as load', () => {
  const name = '__consumer_offsets';
  const traffic = between(snapshot({ pay: [0n], [name]: [0n] }), snapshot({ pay: [10n], [name]: [900n] }));
  expect(traffic.produceTps).toBe(1);
  expect(traffic.topics.has(name)).toBe(false);
});

test('the produce rate of a cluster without topics is 0, and unknown if its metadata could not be read', () => {
  expect(between(snapshot({}), snapshot({})).produceTps).toBe(0);
  const unread = snapshot({}, { sections: [{ section: 'metadata', kind: 'missing' }] });
  expect(between(snapshot({}), unread).produceTps).toBeUndefined();
});

test('messages that RocketMQ consumers return for retry are not counted as produced', () => {
  const rocketmq = { ...noDetails, topics: [{ name: '%RETRY%billing', kind: 'retry' as const, routes: [] }] };
  const at = (sent: bigint, back: bigint) => snapshot({ pay: [sent], '%RETRY%billing': [back] }, { rocketmq });
  expect(between(at(0n, 0n), at(10n, 700n)).produceTps).toBe(1);
});

test('a new or re-created topic counts from the next reading on', () => {
  const again = snapshot({ pay: [10n], ship: [700n] });
  const remade = {
    ...again,
    topics: again.topics.map((topic) => (topic.name === 'ship' ? { ...topic, id: 'x' } : topic)),
  };
  expect(between(snapshot({ pay: [0n], ship: [300n] }), remade).produceTps).toBe(1);
  const visible = between(snapshot({ pay: [0n] }), again);
  expect(visible.produceTps).toBe(1);
  expect(visible.topics.has('ship')).toBe(false);
});

test('partitions added to a topic count from offset 0', () => {
  expect(between(snapshot({ pay: [0n] }), snapshot({ pay: [10n, 40n] })).topics.get('pay')).toEqual({ produceTps: 5 });
});

describe('a value missing from one of two readings is unknown and not zero', () => {
  test.for(['kept', 'missing', 'skipped'] as const)('end offsets that are %s', (kind) => {
    const whole = snapshot({ pay: [0n, 0n] });
    const part = { ...snapshot({ pay: [100n, 0n] }), sections: [offsets('fresh', '1'), offsets(kind, '2')] };
    for (const traffic of [between(whole, part), between(part, { ...whole, offsets: part.offsets })]) {
      expect(traffic).not.toHaveProperty('produceTps');
      expect(traffic.brokers.has('2')).toBe(false);
      expect(traffic.brokers.has('1')).toBe(true);
    }
  });

  test('two readings at the same time', () => {
    expect(between(snapshot({ pay: [0n] }), snapshot({ pay: [9n] }), 0)).not.toHaveProperty('produceTps');
  });
});

test('a topic with an unread part has no rate, while other topics have one', () => {
  const sections = [offsets('kept', '2')];
  const traffic = between(
    snapshot({ pay: [0n, 0n], ship: [0n] }),
    snapshot({ pay: [100n, 0n], ship: [10n] }, { sections }),
  );
  expect([...traffic.topics]).toEqual([['ship', { produceTps: 1 }]]);
});

test('a consumer group with unread commits has no rate', () => {
  const group = (...committed: bigint[]) => ({
    name: 'billing',
    partitions: committed.map((each, index) => ({
      topic: 'pay',
      partition: 0,
      brokerName: index === 0 ? 'a' : 'b',
      end: 1000n,
      committed: each,
    })),
  });
  const read = (kind: Section['kind'], ...committed: bigint[]) =>
    snapshot({}, { groups: [group(...committed)], sections: [{ section: 'commits', kind, broker: 'b:0' }] });
  expect(between(read('fresh', 0n, 0n), read('fresh', 100n, 50n)).groups.get('billing')?.consumeTps).toBe(15);
  expect([...between(read('fresh', 0n, 0n), read('kept', 100n, 0n)).groups]).toEqual([]);
});

test('growth of commits is the consume rate by group and topic; a commit that went back does not count', () => {
  const group = (committed: readonly (bigint | undefined)[], over: object = {}) => ({
    name: 'billing',
    partitions: committed.map((each, partition) => ({
      topic: 'pay',
      partition,
      end: 1000n,
      ...(each !== undefined && { committed: each }),
    })),
    ...over,
  });
  const at = (...groups: ReturnType<typeof group>[]) => snapshot({ pay: [0n, 0n, 0n] }, { groups });
  const traffic = between(at(group([0n, 500n, undefined])), at(group([40n, 100n, 7n])));
  expect(traffic.consumeTps).toBe(4);
  expect(traffic.groups).toEqual(new Map([['billing', { consumeTps: 4, topics: new Map([['pay', 4]]) }]]));
  expect(traffic.topics.get('pay')).toEqual({ produceTps: 0, consumeTps: 4 });
  expect(between(at(), at(group([5n])))).not.toHaveProperty('consumeTps');
  expect(between(at(group([0n])), at(group([0n], { commitsAgeSeconds: 30 })))).not.toHaveProperty('consumeTps');
  const late = group([0n], { name: 'shipping', commitsAgeSeconds: 30 });
  const partly = between(at(group([0n]), late), at(group([40n]), late));
  expect(partly).not.toHaveProperty('consumeTps');
  expect([...partly.groups.keys()]).toEqual(['billing']);
  // The consume rate of a deleted group, or of one whose commits the broker always refuses, is unknown.
  const refused = group([], { name: 'refused', commitsAgeSeconds: 30 });
  const whole = group([0n], { name: 'deleted' });
  const deleted = { ...whole, commitsAgeSeconds: 15, isUnlisted: true };
  expect(between(at(group([0n]), refused, whole), at(group([40n]), refused, deleted)).consumeTps).toBe(4);
});

test('commits in columns, as in a Kafka reading, are compared without one object per commit', () => {
  const at = (...committed: [partition: number, offset: bigint][]) => {
    const endOf = new Map([0, 1, 2].map((partition) => [partition, { topic: 'pay', partition, end: 2n ** 60n }]));
    const partitions = Int32Array.from(committed, ([partition]) => partition);
    const offsets = BigInt64Array.from(committed, ([, offset]) => offset);
    const ends = new Map([['pay', endOf]]);
    const columns = lagsOf({ committed: [{ topic: 'pay', partitions, offsets }], assigned: [] }, ends);
    const one = (): never => {
      throw new Error('read one by one');
    };
    const group = { name: 'billing', partitions: Object.assign(columns, { [Symbol.iterator]: one }) };
    return snapshot({ pay: [0n, 0n, 0n] }, { groups: [group] });
  };
  const traffic = between(at([0, 0n], [1, 500n]), at([2, 7n], [1, 100n], [0, 40n]));
  expect(traffic.groups).toEqual(new Map([['billing', { consumeTps: 4, topics: new Map([['pay', 4]]) }]]));
  const high = 2n ** 54n;
  expect(between(at([0, high]), at([0, high + 50n])).consumeTps).toBe(5);
});

test('without offsets, RocketMQ rates come from broker counters, without slaves and without counters of a new process', () => {
  const runtime = (put: number, got: number, bootedAt: number) =>
    new Map([
      ['bootTimestamp', String(bootedAt)],
      ['putMessageTimesTotal', String(put)],
      ['msgGetTotalTodayNow', String(got)],
    ]);
  const at = (put: number, got: number, bootedAt = 1_760_000_000_000) =>
    snapshot(
      { pay: [0n] },
      {
        rocketmq: {
          ...noDetails,
          brokers: [
            brokerWith({ id: 'broker-a:0', runtime: runtime(put, got, bootedAt) }),
            brokerWith({ id: 'broker-a:1', runtime: runtime(put, got, bootedAt) }),
          ],
        },
      },
    );
  const brokersOf = ({ brokers }: ReturnType<typeof between>) => Object.fromEntries(brokers);
  expect(brokersOf(between(at(100, 50), at(200, 80)))).toMatchObject({
    'broker-a:0': { produceTps: 10, consumeTps: 3 },
    'broker-a:1': { consumeTps: 3 },
  });
  expect(brokersOf(between(at(100, 50), at(200, 80)))['broker-a:1']).not.toHaveProperty('produceTps');
  expect(brokersOf(between(at(100, 50), at(3, 80)))['broker-a:0']).not.toHaveProperty('produceTps');
  // A follower whose counters are older took over the id.
  const taken = at(5_000_000_100, 4_000_000_000, 1_750_000_000_000);
  expect(brokersOf(between(at(100, 50), taken))['broker-a:0']).toEqual({});
});

test('the produce rate of the only broker is that of the cluster, although its counter includes returned messages', () => {
  const at = (sent: bigint, counted: number) => {
    const runtime = new Map([
      ['bootTimestamp', '1760000000000'],
      ['putMessageTimesTotal', String(counted)],
      ['msgGetTotalTodayNow', String(counted)],
    ]);
    const { topics, offsets: ends, ...rest } = snapshot({ pay: [sent] });
    const placed = topics.map((topic) => ({
      ...topic,
      partitions: topic.partitions.map((each) => ({ ...each, leader: 'broker-a:0' })),
    }));
    const cluster = { name: 'orders', kind: 'rocketmq', brokers: [{ id: 'broker-a:0', address: 'a:10911' }] } as const;
    const rocketmq = { ...noDetails, brokers: [brokerWith({ id: 'broker-a:0', runtime })] };
    return { ...rest, cluster, topics: placed, offsets: ends, rocketmq };
  };
  const traffic = between(at(1000n, 1000), at(2000n, 2200));
  expect(traffic.produceTps).toBe(100);
  expect(traffic.brokers.get('broker-a:0')).toEqual({ produceTps: 100, consumeTps: 120 });
});
