import { expect, test } from 'vitest';
import type { Section } from '../../../../brokers/snapshot.ts';
import { brokerWith, snapshotWith } from '../../../support/rocketmq-snapshot.ts';
import { rememberBrokers, rememberedMs } from '../../../../service/clusters/broker-presence.ts';

type Noted = Parameters<ReturnType<typeof rememberBrokers>['note']>[0];

const kafka = (ids: readonly string[], replicas: readonly string[] = [], sections: readonly Section[] = []): Noted => ({
  cluster: { name: 'orders', kind: 'kafka', brokers: ids.map((id) => ({ id, address: `k${id}:9092` })) },
  topics: [
    {
      name: 'pay',
      internal: false,
      partitions: [{ topic: 'pay', partition: 0, replicas, inSyncReplicas: ids }],
    },
  ],
  sections,
});

/** Builds a group as name servers list it: id and address of each member. */
function rocketmq(members: Record<string, string>): Noted {
  const brokers = Object.entries(members).map(([id, address]) => ({ ...brokerWith({ id }), address }));
  return snapshotWith({ brokers }, { cluster: { name: 'orders', kind: 'rocketmq', brokers } });
}

const idsOf = (brokers: readonly { id: string; address?: string }[]) => brokers.map(({ id }) => id);

test('a broker that is no longer listed is lost, with the time when it was last seen, for six hours', () => {
  const memory = rememberBrokers();
  memory.note(kafka(['1', '2', '3']), 1000);
  memory.note(kafka(['1', '3']), 2000);
  expect(memory.presence(2000)).toEqual({
    answering: [
      { id: '1', address: 'k1:9092', lastSeenMs: 2000 },
      { id: '3', address: 'k3:9092', lastSeenMs: 2000 },
    ],
    lost: [{ id: '2', address: 'k2:9092', lastSeenMs: 1000 }],
  });
  memory.note(kafka(['1', '3']), 1001 + rememberedMs);
  expect(memory.presence(1001 + rememberedMs).lost).toEqual([]);
});

test('a broker that left the list is lost, with the time it was last seen, for six hours', () => {
  const memory = rememberBrokers();
  memory.note(kafka(['1', '2']), 1000);
  memory.note(kafka(['1']), 2000);
  memory.note(kafka(['1', '2']), 3000);
  expect(memory.presence(3000).lost).toEqual([]);
});

test('a Kafka broker without replicas has left once it is not listed', () => {
  const memory = rememberBrokers();
  const holding = (ids: string[], replicaHolders: string[]): Noted => ({
    ...kafka(ids, replicaHolders),
    kafka: { replicaHolders, logDirectories: [], topicSizes: [], topicConfigs: [], zooKeeper: [], internals: [] },
  });
  memory.note(holding(['1', '2', '3'], ['1', '2', '3']), 1000);
  memory.note(holding(['1', '3'], ['1', '2', '3']), 2000);
  expect(idsOf(memory.presence(2000).lost)).toEqual(['2']);
  memory.note(holding(['1', '3'], ['1', '3']), 3000);
  expect(memory.presence(3000).lost).toEqual([]);
});

test('a RocketMQ broker that was closed to producers has left after 15 minutes, one that was not after six hours', () => {
  const memory = rememberBrokers();
  const withPermission = (brokerPermission: string): Noted => {
    const { cluster, rocketmq: details, ...rest } = rocketmq({ 'a:0': 'n0:1', 'b:0': 'n1:1', 'b:1': 'n2:1' });
    const config = new Map([['brokerPermission', brokerPermission]]);
    const brokers = details?.brokers.map((each) => (each.id === 'b:0' ? { ...each, config } : each)) ?? [];
    return { ...rest, ...snapshotWith({ brokers }), cluster };
  };
  for (const [permission, lost] of [
    ['6', ['b:0', 'b:1']],
    ['4', []],
  ] as const) {
    memory.note(withPermission(permission), 1000);
    memory.note(rocketmq({ 'a:0': 'n0:1' }), 2000);
    expect(idsOf(memory.presence(2000).lost)).toEqual(['b:0', 'b:1']);
    memory.note(rocketmq({ 'a:0': 'n0:1' }), 1_000_000);
    expect(idsOf(memory.presence(1_000_000).lost)).toEqual(lost);
  }
});

test('a closed RocketMQ master has not left while its slave is listed', () => {
  const memory = rememberBrokers();
  const { cluster, rocketmq: details, ...rest } = rocketmq({ 'a:0': 'n0:1', 'b:0': 'n1:1', 'b:1': 'n2:1' });
  const config = new Map([['brokerPermission', '4']]);
  const brokers = details?.brokers.map((each) => (each.id === 'b:0' ? { ...each, config } : each)) ?? [];
  memory.note({ ...rest, ...snapshotWith({ brokers }), cluster }, 0);
  memory.note(rocketmq({ 'a:0': 'n0:1', 'b:1': 'n2:1' }), 1_000_000);
  expect(idsOf(memory.presence(1_000_000).lost)).toEqual(['b:0']);
  memory.note(rocketmq({ 'a:0': 'n0:1' }), 1_500_000);
  expect(idsOf(memory.presence(1_500_000).lost)).toEqual(['b:1']);
  expect(memory.presence(2_000_000).lost).toEqual([]);
});

test('a RocketMQ broker is lost if another known one, such as a new container, takes its address', () => {
  const memory = rememberBrokers();
  memory.note(rocketmq({ 'a:0': 'n0:1', 'b:0': 'n1:1' }), 1000);
  memory.note(rocketmq({ 'a:0': 'n1:1' }), 2000);
  expect(memory.presence(2000)).toMatchObject({ answering: [{ id: 'a:0', address: 'n1:1' }], lost: [{ id: 'b:0' }] });
});

test('a RocketMQ broker that was renamed is not lost under its old name', () => {
  const memory = rememberBrokers();
  memory.note(rocketmq({ 'a:0': 'n0:1', 'b:0': 'n1:1' }), 1000);
  memory.note(rocketmq({ 'a:0': 'n0:1', 'c:0': 'n1:1' }), 2000);
  expect(memory.presence(2000)).toMatchObject({ answering: [{ id: 'a:0' }, { id: 'c:0' }], lost: [] });
});

test('a listed broker that does not answer is lost; one that refused or was not queried is not', () => {
  const memory = rememberBrokers();
  const ids = ['1', '2', '3', '4'];
  const asked = (broker: string, kind: Section['kind']): Section => ({
    section: 'offsets',
    broker,
    kind,
    durationSeconds: 1,
  });
  const sections: Section[] = [
    asked('1', 'fresh'),
    { ...asked('2', 'kept'), isUnreachable: true },
    // Read some minutes ago, so the broker did not answer now.
    { section: 'log-dirs', broker: '2', kind: 'fresh', ageSeconds: 120 },
    // The JMX agent answers although the broker's request handlers hang.
    { section: 'internals', broker: '2', kind: 'fresh', durationSeconds: 0.1 },
    { section: 'offsets', broker: '3', kind: 'skipped' },
    asked('4', 'kept'),
  ];
  memory.note(kafka(ids), 1000);
  memory.note(kafka(ids, [], sections), 2000);
  expect(memory.presence(2000)).toMatchObject({ lost: [{ id: '2', lastSeenMs: 1000 }] });
});

test('when no broker answers, every known broker is lost', () => {
  const memory = rememberBrokers();
  memory.note(kafka(['1', '2']), 1000);
  memory.noneAnswer();
  expect(memory.presence(2000)).toMatchObject({ answering: [], lost: [{ id: '1' }, { id: '2' }] });
});

test('a Kafka broker that was down before Plimsoll started is known from its replicas', () => {
  const memory = rememberBrokers();
  memory.note(kafka(['1', '3'], ['1', '2', '3']), 1000);
  expect(memory.presence(1000).lost).toEqual([{ id: '2' }]);
});

test('a restarted container with the same id at another address is not a lost broker', () => {
  const memory = rememberBrokers();
  memory.note(rocketmq({ 'a:0': '10.0.0.1:10911', 'a:1': '10.0.0.2:10911' }), 1000);
  memory.note(rocketmq({ 'a:1': '10.0.0.2:10911' }), 2000);
  memory.note(rocketmq({ 'a:0': '10.0.0.9:10911', 'a:1': '10.0.0.2:10911' }), 3000);
  expect(memory.presence(3000)).toMatchObject({ lost: [] });
  expect(idsOf(memory.presence(3000).answering)).toEqual(['a:0', 'a:1']);
});

test('after a DLedger election the lost member is the one whose address disappeared', () => {
  const memory = rememberBrokers();
  memory.note(rocketmq({ 'a:0': 'n0:1', 'a:1': 'n1:1', 'a:2': 'n2:1' }), 1000);
  memory.note(rocketmq({ 'a:0': 'n1:1', 'a:2': 'n2:1' }), 2000);
  expect(memory.presence(2000).lost).toEqual([{ id: 'a:0', address: 'n0:1', lastSeenMs: 1000 }]);
  memory.note(rocketmq({ 'a:0': 'n1:1', 'a:1': 'n0:1', 'a:2': 'n2:1' }), 3000);
  expect(memory.presence(3000).lost).toEqual([]);
});
