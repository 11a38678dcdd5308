import { expect, test } from 'vitest';
import { kafkaRelease } from '../../../../lab/kafka/release.ts';
import {
  renderServerProperties,
  renderZooKeeperProperties,
  type BrokerNode,
} from '../../../../lab/kafka/server-properties.ts';

const node = (id: number): BrokerNode => ({
  id,
  name: `broker-${id}`,
  host: '127.0.0.1',
  port: 20_000 + id,
  controllerPort: 21_000 + id,
  dataDirectory: `/lab/broker-${id}/data`,
});
const zooKeeper = { host: '127.0.0.1', port: 22_181, dataDirectory: '/lab/zookeeper/data' };

const settings = (text: string) =>
  new Map(
    text
      .trim()
      .split('\n')
      .map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]),
  );
const kraft = (brokers: BrokerNode[], extra: Record<string, string> = {}) =>
  settings(renderServerProperties(kafkaRelease('4.3.1'), node(1), { brokers }, extra));

test('a KRaft node is broker and controller, and lists every voter', () => {
  const rendered = kraft([node(1), node(2), node(3)]);
  expect(rendered.get('process.roles')).toBe('broker,controller');
  expect(rendered.get('node.id')).toBe('1');
  expect(rendered.get('controller.quorum.voters')).toBe('1@127.0.0.1:21001,2@127.0.0.1:21002,3@127.0.0.1:21003');
  expect(rendered.get('listeners')).toBe('PLAINTEXT://127.0.0.1:20001,CONTROLLER://127.0.0.1:21001');
});

test('a broker before KRaft has a ZooKeeper address and no controller listener', () => {
  const rendered = settings(
    renderServerProperties(kafkaRelease('2.8.2'), node(2), { brokers: [node(1), node(2)], zooKeeper }),
  );
  expect(rendered.get('broker.id')).toBe('2');
  expect(rendered.get('zookeeper.connect')).toBe('127.0.0.1:22181');
  expect(rendered.get('listeners')).toBe('PLAINTEXT://127.0.0.1:20002');
  expect(rendered.has('process.roles')).toBe(false);
});

test('internal topics have as many replicas as there are brokers', () => {
  expect(kraft([node(1)]).get('offsets.topic.replication.factor')).toBe('1');
  expect(kraft([node(1), node(2), node(3)]).get('offsets.topic.replication.factor')).toBe('3');
});

test("the caller's listeners are added to the lab's own, and other properties replace them", () => {
  const rendered = kraft([node(1)], {
    listeners: 'SASL://127.0.0.1:23000',
    'listener.security.protocol.map': 'SASL:SASL_PLAINTEXT',
    'num.io.threads': '8',
  });
  expect(rendered.get('listeners')).toBe(
    'PLAINTEXT://127.0.0.1:20001,CONTROLLER://127.0.0.1:21001,SASL://127.0.0.1:23000',
  );
  expect(rendered.get('listener.security.protocol.map')).toBe(
    'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT',
  );
  expect(rendered.get('num.io.threads')).toBe('8');
});

test('a backslash in a value is escaped for the properties format', () => {
  expect(kraft([node(1)], { 'sasl.jaas.config': String.raw`password="a\b"` }).get('sasl.jaas.config')).toBe(
    String.raw`password="a\\b"`,
  );
});

test('ZooKeeper listens only on its own address and starts no web server', () => {
  const rendered = settings(renderZooKeeperProperties(zooKeeper));
  expect(rendered.get('clientPortAddress')).toBe('127.0.0.1');
  expect(rendered.get('admin.enableServer')).toBe('false');
});

test("each broker can be advertised at a separate address in addition to the lab's", () => {
  const rendered = kraft([node(1)], {
    listeners: 'PROXIED://127.0.0.{id}:23000',
    'advertised.listeners': 'PROXIED://127.0.1.{id}:23000',
  });
  expect(rendered.get('listeners')).toMatch(/PROXIED:\/\/127\.0\.0\.1:23000$/);
  expect(rendered.get('advertised.listeners')).toBe('PLAINTEXT://127.0.0.1:20001,PROXIED://127.0.1.1:23000');
});
