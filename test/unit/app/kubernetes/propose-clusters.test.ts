import { expect, test } from 'vitest';
import {
  RocketmqBroker,
  RocketmqNameService,
  StrimziKafka,
  StrimziUser,
} from '../../../../app/kubernetes/operator-objects.ts';
import { proposeClusters } from '../../../../app/kubernetes/propose-clusters.ts';
import * as objects from '../../../support/operator-objects.ts';

const { plain, scram, mutual, external } = objects;
type Listener = Parameters<typeof objects.listenerStatus>[2][number];

function kafka(listeners: readonly Listener[], namespace = 'kafka', name = 'orders') {
  const status = objects.listenerStatus(name, namespace, listeners);
  return StrimziKafka.parse(objects.kafkaObject('v1beta2', { name, namespace, listeners, status }));
}
const user = (type: string, name = 'plimsoll', namespace = 'kafka') =>
  StrimziUser.parse(objects.userObject('v1beta2', { name, namespace, cluster: 'orders', type }));
const nameService = (name: string, addresses: string[]) =>
  RocketmqNameService.parse(objects.nameServiceObject(name, 'mq', addresses));
const broker = (name: string, nameServers: string) =>
  RocketmqBroker.parse(objects.brokerObject(name, 'mq', nameServers));
const nothing = { kafkas: [], users: [], nameServices: [], brokers: [] };

test('prefers an internal listener with TLS and the login of the user', () => {
  const found = { ...nothing, kafkas: [kafka([external, plain, scram])], users: [user('scram-sha-512')] };
  const { clusters, notices } = proposeClusters(found, { user: 'plimsoll' });
  expect(notices).toEqual([]);
  expect(clusters['orders']).toEqual({
    source: 'kafka/orders',
    version: '4.1.0',
    config: {
      broker: 'kafka',
      bootstrap: ['orders-kafka-bootstrap.kafka.svc:9094'],
      clusterId: 'orders-0123456789abcdef',
      tls: { ca: '/etc/plimsoll-secrets/orders-cluster-ca-cert/ca.crt' },
      sasl: {
        mechanism: 'scram-sha-512',
        username: 'plimsoll',
        password: '${file:/etc/plimsoll-secrets/plimsoll/password}',
      },
    },
    secrets: ['orders-cluster-ca-cert', 'plimsoll'],
  });
});

test('a user with a certificate gets the listener with mutual TLS', () => {
  const found = { ...nothing, kafkas: [kafka([scram, mutual])], users: [user('tls')] };
  expect(proposeClusters(found, { user: 'plimsoll' }).clusters['orders']?.config).toMatchObject({
    bootstrap: ['orders-kafka-bootstrap.kafka.svc:9093'],
    tls: {
      cert: '/etc/plimsoll-secrets/plimsoll/user.crt',
      key: '${file:/etc/plimsoll-secrets/plimsoll/user.key}',
    },
  });
});

test('without a user, uses a listener without a login, or leaves the cluster out with the reason', () => {
  const found = { ...nothing, kafkas: [kafka([scram, plain]), kafka([mutual, external], 'kafka', 'billing')] };
  const { clusters, notices } = proposeClusters(found, {});
  expect(clusters).toMatchObject({ orders: { config: { bootstrap: ['orders-kafka-bootstrap.kafka.svc:9092'] } } });
  expect(notices).toEqual([
    'kafka/billing is left out: its listeners need a login (tls): name a KafkaUser with --user',
  ]);
});

test('does not use a user of another cluster', () => {
  const found = { ...nothing, kafkas: [kafka([scram], 'kafka', 'billing')], users: [user('scram-sha-512')] };
  expect(proposeClusters(found, { user: 'plimsoll' })).toEqual({
    clusters: {},
    notices: ['kafka/billing is left out: no KafkaUser plimsoll for the login of its listeners (scram-sha-512)'],
  });
});

test('--listener chooses a listener, and an unknown name is reported with the existing ones', () => {
  const found = { ...nothing, kafkas: [kafka([plain, external])], users: [user('tls')] };
  const chosen = proposeClusters(found, { listener: 'external', user: 'plimsoll' }).clusters['orders'];
  expect(chosen?.config).toMatchObject({ bootstrap: ['orders-kafka-bootstrap.kafka.svc:9095'] });
  expect(proposeClusters(found, { listener: 'extern' }).notices).toEqual([
    'kafka/orders is left out: no listener extern; there are plain, external',
  ]);
});

test('leaves out a cluster that has no address yet', () => {
  const written = objects.kafkaObject('v1', { name: 'orders', namespace: 'kafka', listeners: [plain] });
  const found = { ...nothing, kafkas: [StrimziKafka.parse(written)], nameServices: [nameService('ns', [])] };
  expect(proposeClusters(found, {}).notices).toEqual([
    'kafka/orders is left out: no listener has an address yet',
    'mq/ns is left out: no name server has an address yet',
  ]);
});

test('a listener with a separate certificate does not get the certificate authority of the cluster', () => {
  const own = {
    ...scram,
    configuration: { brokerCertChainAndKey: { secretName: 'public', certificate: 'a', key: 'b' } },
  };
  const found = { ...nothing, kafkas: [kafka([own])], users: [user('scram-sha-512')] };
  const cluster = proposeClusters(found, { user: 'plimsoll' }).clusters['orders'];
  expect(cluster?.config['tls']).toEqual({});
  expect(cluster?.secrets).toEqual(['plimsoll']);
});

test('two clusters with the same name get their namespaces as prefix', () => {
  const found = { ...nothing, kafkas: [kafka([plain], 'east'), kafka([plain], 'west')] };
  expect(Object.keys(proposeClusters(found, {}).clusters)).toEqual(['east-orders', 'west-orders']);
});

test('copies Secrets with the same name in two namespaces under prefixed names', () => {
  const kafkas = [kafka([scram], 'east'), kafka([mutual], 'west')];
  const users = [user('scram-sha-512', 'plimsoll', 'east'), user('tls', 'plimsoll', 'west')];
  const { clusters } = proposeClusters({ ...nothing, kafkas, users }, { user: 'plimsoll' });
  expect(clusters['east-orders']).toMatchObject({
    config: {
      tls: { ca: '/etc/plimsoll-secrets/east-orders-cluster-ca-cert/ca.crt' },
      sasl: { username: 'plimsoll', password: '${file:/etc/plimsoll-secrets/east-plimsoll/password}' },
    },
    secrets: ['orders-cluster-ca-cert as east-orders-cluster-ca-cert', 'plimsoll as east-plimsoll'],
  });
  expect(clusters['west-orders']?.config['tls']).toEqual({
    ca: '/etc/plimsoll-secrets/west-orders-cluster-ca-cert/ca.crt',
    cert: '/etc/plimsoll-secrets/west-plimsoll/user.crt',
    key: '${file:/etc/plimsoll-secrets/west-plimsoll/user.key}',
  });
});

test('a NameService is one cluster with its brokers, and brokers of other name servers are another', () => {
  const brokers = [
    broker('broker', '10.0.0.5:9876;10.0.0.6:9876'),
    broker('filled-in', ''),
    broker('elsewhere', '10.9.0.1:9876;10.9.0.2:9876'),
    broker('elsewhere-too', '10.9.0.2:9876;10.9.0.1:9876'),
  ];
  const found = { ...nothing, nameServices: [nameService('trade', ['10.0.0.5', '10.0.0.6', 'fd00::7'])], brokers };
  const { clusters } = proposeClusters(found, {});
  expect(Object.entries(clusters).map(([name, { config }]) => [name, config['namesrv']])).toEqual([
    ['trade', ['10.0.0.5:9876', '10.0.0.6:9876', '[fd00::7]:9876']],
    ['elsewhere', ['10.9.0.1:9876', '10.9.0.2:9876']],
  ]);
});
