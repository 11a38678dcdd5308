import { expect, test } from 'vitest';
import { DesiredInstance, type InstanceRole } from '../../../../core/documents/instances.ts';
import { kafkaGate } from '../../../../ops/instances/kafka-gate.ts';
import { KafkaClusterConfig } from '../../../../brokers/kafka/config.ts';
import { leadingServerLast } from '../../../../ops/instances/rolling-order.ts';
import { unseenEnsemble, zooKeeperBlockers } from '../../../../ops/instances/zookeeper-ensemble.ts';

const addresses = ['z1:2181', 'z2:2181', 'z3:2181'];
const usual = ['follower', 'leader', 'follower'];

function blockers(
  states: readonly (string | undefined)[],
  { synced, of = addresses }: { synced?: number; of?: string[] } = {},
) {
  const zooKeeper = states.flatMap((state, index) =>
    state === undefined
      ? []
      : [
          {
            address: of[index] ?? '',
            state,
            ...(state === 'leader' && synced !== undefined && { syncedFollowers: synced }),
          },
        ],
  );
  const reason = 'cannot monitor ZooKeeper at z3:2181: connection refused';
  const kafka = { zooKeeper, logDirectories: [], topicSizes: [], topicConfigs: [], internals: [] };
  const sections = [{ section: 'zookeeper', broker: 'z3:2181', kind: 'missing', reason } as const];
  return zooKeeperBlockers(of, { kafka, sections }).map(({ what }) => what);
}

test('an ensemble that answers and has one leader does not block', () => {
  expect(blockers(usual)).toEqual([]);
  expect(blockers(usual, { synced: 2 })).toEqual([]);
  expect(blockers(['observer', 'leader', 'follower'], { synced: 1 })).toEqual([]);
  expect(blockers(['standalone'], { of: ['z1:2181'] })).toEqual([]);
  expect(blockers([], { of: [] })).toEqual([]);
});

test('a server that does not answer blocks, with the reason if it is known', () => {
  expect(blockers(['follower', 'leader', undefined])).toEqual([
    'cannot monitor ZooKeeper at z3:2181: connection refused',
  ]);
  expect(blockers([undefined, 'leader', 'follower'])).toEqual(['the ZooKeeper server z1:2181 does not answer']);
  expect(blockers([undefined], { of: ['z1:2181'] })).toEqual(['the ZooKeeper server z1:2181 does not answer']);
});

test('an ensemble without exactly one leader, or with a server outside the quorum, blocks', () => {
  expect(blockers(['follower', 'follower', 'follower'])).toEqual([
    'the ZooKeeper servers z1:2181, z2:2181, z3:2181 have no leader',
  ]);
  expect(blockers(['leader', 'leader', 'follower'])[0]).toContain('have more than one leader');
  expect(blockers(['standalone', 'leader', 'follower'])).toEqual([
    'the ZooKeeper server z1:2181 is no member of the quorum (state standalone)',
  ]);
});

test('a follower that still copies the data of the leader blocks', () =>
  expect(blockers(usual, { synced: 1 })).toEqual(['1 of 2 ZooKeeper servers are in sync with the leader z2:2181']));

const instance = (name: string, role: InstanceRole, cluster = 'orders') => ({
  name,
  target: DesiredInstance.parse({ cluster, host: name, role }),
  wasRunning: true,
});
const order = ['zookeeper-1', 'zookeeper-2'].map((name) => instance(name, 'zookeeper'));
const broker = instance('broker-1', 'kafka-broker');
const all = Object.fromEntries(
  [...order, broker, instance('other', 'zookeeper', 'logs')].map((each) => [each.name, each.target]),
);
const gate = (...zookeeper: string[]) =>
  kafkaGate('orders', KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['127.0.0.1:1'], zookeeper }));

test('the config file must list all ZooKeeper servers of the cluster before one of them is stopped', () => {
  expect(unseenEnsemble([broker, ...order], { gate: gate('z1:2181'), all })).toContain(
    'clusters.orders.zookeeper of the config file lists 1 of 2 ZooKeeper servers',
  );
  expect(unseenEnsemble([broker, ...order], { gate: gate('z1:2181', 'z2:2181'), all })).toBeUndefined();
  expect(unseenEnsemble([broker], { gate: gate(), all })).toBeUndefined();
});

test('restarts the leading server after all others', () => {
  const names = (leader?: string) => leadingServerLast([...order, broker], leader).map(({ name }) => name);
  expect(names('zookeeper-1')).toEqual(['zookeeper-2', 'broker-1', 'zookeeper-1']);
  expect(names()).toEqual(['zookeeper-1', 'zookeeper-2', 'broker-1']);
});
