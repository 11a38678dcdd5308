import { expect, test } from 'vitest';
import type { ClusterSnapshot } from '../../../../brokers/snapshot.ts';
import type { ClusterStatus } from '../../../../core/documents/cluster-status.ts';
import type { ServedCluster } from '../../../../service/parts.ts';
import { urgentActions } from '../../../../service/status/prepared-actions.ts';
import { measuredOrders } from '../../../support/capacity-report-inputs.ts';
import { eventNow, eventParts } from '../../../support/event-day.ts';
import { brokerWith, snapshotWith, topicWith } from '../../../support/rocketmq-snapshot.ts';

const status: ClusterStatus = {
  cluster: 'orders',
  broker: 'kafka',
  domains: [],
  state: 'ok',
  loadState: 'ok',
  safeMaxTps: measuredOrders.safeMaxTps,
  verdict: { entry: 1, at: eventNow.toISOString(), ageSeconds: 60, kind: 'test', drifted: [] },
  now: { produceTps: 20_000, at: eventNow.toISOString(), source: 'exporter' },
};
const actionsOf = (
  over: Partial<ClusterStatus>,
  served = eventParts.clusters.get('orders'),
  clientIds: Readonly<Record<string, string>> = {},
) =>
  urgentActions(
    { ...status, ...over },
    {
      history: eventParts.history,
      clock: { now: () => eventNow },
      config: { clientIds: { orders: clientIds } },
      served,
    },
  );

test('a cluster near its limit has prepared actions, even while a broker is missing', () => {
  expect(actionsOf({ state: 'near', loadState: 'near' })).not.toEqual([]);
  expect(actionsOf({ state: 'degraded', loadState: 'over' })).not.toEqual([]);
});

test('a cluster with headroom has no prepared actions, even with a broker missing', () => {
  expect(actionsOf({})).toEqual([]);
  expect(actionsOf({ state: 'degraded' })).toEqual([]);
});

/** A cluster as last read, with the given rates of its brokers. */
function servedWith(snapshot: ClusterSnapshot, brokers: Readonly<Record<string, number>>) {
  const traffic = eventParts.clusters.get('orders')?.traffic();
  if (traffic === undefined) throw new Error('no traffic');
  const rates = new Map(Object.entries(brokers).map(([id, produceTps]) => [id, { produceTps }]));
  const shown: ServedCluster['shown'] = { topics: { deny: [] }, groups: { deny: [] } };
  return { shown, last: () => ({ snapshot, at: eventNow }), traffic: () => ({ ...traffic, brokers: rates }) };
}

test('a Kafka broker that holds no replicas does not count as skew', () => {
  const moveOf = (...replicas: string[]) => {
    const partition = { topic: 'payments', partition: 0, leader: '1', replicas, inSyncReplicas: replicas };
    const brokers = ['1', '2', '3'].map((id) => ({ id, address: `10.0.0.${id}:9092` }));
    const snapshot: ClusterSnapshot = {
      cluster: { name: 'orders', kind: 'kafka', brokers },
      topics: [{ name: 'payments', internal: false, partitions: [partition] }],
      offsets: [],
      groups: [],
      sections: [],
    };
    const served = servedWith(snapshot, { '1': 10_000, '2': 10_000, '3': 0 });
    return actionsOf({ loadState: 'near' }, served).find(({ lever }) => lever === 'leader-move');
  };
  expect(moveOf('1', '2')).toMatchObject({ kind: 'no-gain', reason: 'evenly-spread' });
  expect(moveOf('1', '2', '3')).toMatchObject({ kind: 'ready' });
});

/** Topic payments has partitions on brokers 1 and 2, topic other on all three. */
function readKafka(): ClusterSnapshot {
  const brokers = ['1', '2', '3'].map((id) => ({ id, address: `10.0.0.${id}:9092` }));
  return {
    cluster: { name: 'orders', kind: 'kafka', brokers },
    topics: ['payments', 'other'].map((topic) => ({
      name: topic,
      internal: false,
      partitions: (topic === 'payments' ? ['1', '2'] : ['1', '2', '3']).map((leader, partition) => ({
        topic,
        partition,
        leader,
        replicas: [leader],
        inSyncReplicas: [leader],
      })),
    })),
    offsets: [{ topic: 'payments', partition: 0, start: 0n, end: 1000n }],
    groups: [],
    sections: [],
    kafka: { topicSizes: [{ broker: '1', topic: 'payments', bytes: 500_000n }] } as never,
  };
}

function quotaOf(
  clientIds: Readonly<Record<string, string>>,
  over: Partial<ClusterSnapshot> = {},
  shown: Partial<ServedCluster['shown']> = {},
) {
  const read = servedWith({ ...readKafka(), ...over }, { '1': 9000, '2': 9000, '3': 2000 });
  const forecast = { entry: 2, peak: { tps: 30_000, low: 27_000, high: 33_000, at: eventNow.toISOString() } };
  const served = { ...read, shown: { ...read.shown, ...shown } };
  return actionsOf({ forecast }, served, clientIds).find(({ lever }) => lever === 'quota');
}

test('a quota is split over the Kafka brokers that lead partitions of the client', () => {
  const quota = quotaOf({ payments: 'payment-service' });
  if (quota?.kind !== 'ready') throw new Error(quota?.reason);
  const [target] = quota.targets;
  const [command = ''] = quota.commands;
  // Messages of 500 bytes, half of them on each of two brokers.
  expect(Number(command.split('=').at(-1))).toBe(Math.round(((target?.toTps ?? 0) * 500) / 2));
});

test('a deleted topic of a client is left out of its quota and named', () => {
  const clientIds = { payments: 'payment-service', 'payments-old': 'payment-service', gone: 'another' };
  const quota = quotaOf(clientIds);
  const without = quotaOf({ payments: 'payment-service' });
  if (quota?.kind !== 'ready' || without?.kind !== 'ready') throw new Error('no quota');
  expect(quota.commands).toEqual(without.commands);
  expect(quota.evidence).toMatch(/\(deleted, or hidden by ACLs\) are left out: payments-old\. If one still exists/);
  expect(quota.evidenceZh).toMatch(/未计入：payments-old。若其中有/);
  expect(without.evidence).not.toContain('left out');
  // The rate is unknown for a topic that the config hides or that an old topic list may lack.
  const unknown = { kind: 'no-gain', reason: 'no-topic-rates' };
  expect(quotaOf(clientIds, {}, { topics: { deny: ['*-old'] } })).toMatchObject(unknown);
  expect(quotaOf(clientIds, { sections: [{ section: 'metadata', kind: 'kept' }] })).toMatchObject(unknown);
});

test('queues are not spread to a RocketMQ group closed to producers, but to a new one without topics', () => {
  const names = ['broker-a', 'broker-b', 'broker-c'];
  const spreadTo = (permission: 'r' | 'rw', settings: Readonly<Record<string, string>>, withTopic = names) => {
    const queues = Object.fromEntries(withTopic.map((name) => [name, Array.from({ length: 8 }, () => undefined)]));
    const routes = withTopic.map((brokerName) => ({
      brokerName,
      readQueues: 8,
      writeQueues: 8,
      permission: 'rw' as const,
    }));
    const snapshot = snapshotWith(
      {
        brokers: names.map((name) =>
          brokerWith({ id: `${name}:0`, ...(name === 'broker-c' && { config: new Map(Object.entries(settings)) }) }),
        ),
        topics: [
          {
            name: 'payments',
            kind: 'normal',
            routes: routes.map((route) => (route.brokerName === 'broker-c' ? { ...route, permission } : route)),
          },
          { name: '%RETRY%billing', kind: 'retry', routes },
        ],
      },
      { topics: [topicWith('payments', queues).topic] },
    );
    const served = servedWith(snapshot, { 'broker-a:0': 14_000, 'broker-b:0': 6000, 'broker-c:0': 0 });
    const action = actionsOf({ broker: 'rocketmq', loadState: 'near' }, served).find(
      ({ lever }) => lever === 'queue-spread',
    );
    return action?.kind === 'ready' ? action.commands : action?.reason;
  };
  const to = (queues: number, broker: string) => [
    `plimsoll ops rocketmq queues --cluster orders --topic payments --to ${queues} --broker ${broker}`,
  ];
  expect(spreadTo('rw', { brokerPermission: '6' })).toEqual(to(64, 'broker-c'));
  expect(spreadTo('rw', {}, ['broker-a', 'broker-b'])).toEqual(to(20, 'broker-c'));
  // The closed group gets no load, and its queues no longer receive a part of the topic.
  expect(spreadTo('rw', { brokerPermission: '4' })).toEqual(to(40, 'broker-b'));
  expect(spreadTo('r', {})).toEqual(to(40, 'broker-b'));
});
