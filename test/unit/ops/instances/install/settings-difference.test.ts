import { expect, test } from 'vitest';
import { differenceOf, differenceText } from '../../../../../ops/instances/install/settings-difference.ts';

const broker = (more: string) => `# Kafka\nnode.id=1\nlog.dirs=/data/a,/data/b\nnum.io.threads=8\n${more}`;

test('lists changed, new and removed settings, and ignores comments', () => {
  expect(differenceOf(broker('x=1\n'), `# another comment\n${broker('x=1')}`)).toBeUndefined();
  const difference = differenceOf(broker('x=1\n'), broker('y=2\n').replace('=8', '=16'));
  expect(difference).toEqual({
    texts: ['num.io.threads 8 → 16', 'y 2 (new)', 'x (removed)'],
    identity: [],
    ownSettings: 0,
  });
  expect(differenceText({ texts: ['a', 'b', 'c'] }, 2)).toBe('a, b and 1 more');
});

test('never shows a value that may be secret', () => {
  const line = (secret: string) =>
    [
      `ssl.keystore.password=${secret}`,
      `sasl.jaas.config=${secret}`,
      `initAuthenticationUser={"username":"admin","password":"${secret}"}`,
      `metricsGrpcExporterHeader=authorization:${secret}`,
      `proxy.address=http://admin:${secret}@10.0.0.1`,
      '',
    ].join('\n');
  expect(JSON.stringify(differenceOf(line('hunter2'), line('hunter3')))).not.toContain('hunter');
});

test('a JAAS configuration over several lines is one secret value of its listener', () => {
  const listener = (name: string, secret: string) =>
    [
      `listener.name.${name}.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \\`,
      `   username="admin" password="${secret}" \\`,
      `   user_alice="alice-${secret}";`,
      '',
    ].join('\n');
  const settings = (one: string, other: string) => broker(listener('sasl_ssl', one) + listener('internal', other));
  expect(differenceOf(settings('a', 'b'), settings('rotated', 'b'))?.texts).toEqual([
    'listener.name.sasl_ssl.plain.sasl.jaas.config (value not shown)',
  ]);
  expect(differenceOf(settings('a', 'b'), settings('a', 'b'))).toBeUndefined();
});

test.each([
  [broker(''), broker('').replace('node.id=1', 'node.id=2'), ['node.id']],
  [broker(''), broker('').replace('/data/a,/data/b', '/data/a,/data/c'), ['log.dirs']],
  [broker(''), broker('').replace('/data/a,/data/b', '/data/a,/data/b,/data/c'), []],
  ['brokerName=a\n', 'brokerName=b\n', ['brokerName']],
  ['zookeeper.connect=z1:2181\n', 'zookeeper.connect=z1:2181/orders\n', ['zookeeper.connect']],
  ['server.1=z1:2888:3888\n', 'server.1=z1:2888:3888\nserver.2=z2:2888:3888\n', ['server.2']],
  ['controller.quorum.voters=1@a:9093\n', 'controller.quorum.voters=1@a:9093,2@b:9093\n', ['controller.quorum.voters']],
  // A migration from ZooKeeper.
  ['broker.id=1\n', 'broker.id=1\ncontroller.quorum.voters=1@a:9093\n', []],
  ['dLegerPeers=n0-a:40911\n', 'dLegerPeers=n0-a:40911;n1-b:40911\n', ['dLegerPeers']],
  ['controllerDLegerPeers=n0-a:9878\n', 'controllerDLegerPeers=n0-b:9878\n', ['controllerDLegerPeers']],
  ['dataDir=/data/a\nmaxClientCnxns=0\n', 'dataDir=/data/b\nmaxClientCnxns=60\n', ['dataDir']],
])('finds a changed identity and a data directory that is no longer used', (current, next, identity) =>
  expect(differenceOf(current, next)).toMatchObject({ identity }),
);

test('settings that a RocketMQ broker added to its file do not count as removed', () => {
  const rendered = 'brokerName=a\nfileReservedTime=72\n';
  const own = `${rendered}rocketmqHome=/opt/rocketmq\nsendMessageThreadPoolNums=4\n`;
  expect(differenceOf(own, rendered)).toBeUndefined();
  expect(differenceOf(own, rendered.replace('72', '48'))).toEqual({
    texts: ['fileReservedTime 72 → 48'],
    identity: [],
    ownSettings: 2,
  });
});
