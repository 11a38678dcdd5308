import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chooseInstances } from '../../../../app/instances/choose-instances.ts';
import { readDesired, renderInstances } from '../../../../app/instances/desired-file.ts';
import { proposeInstances } from '../../../../app/instances/discover.ts';
import { inRollingOrder } from '../../../../ops/instances/rolling-order.ts';
import { ClustersConfig } from '../../../../brokers/config.ts';
import { parseConfig } from '../../../../core/config-file.ts';
import { DesiredInstance, InstancesFile, type InstanceRole } from '../../../../core/documents/instances.ts';
import type { FoundInstance } from '../../../../hosts/instances/find-instances.ts';

const clusters = ClustersConfig.parse({
  orders: { broker: 'kafka', bootstrap: ['10.0.0.1:9092'], clusterId: 'orders-id' },
  logs: { broker: 'kafka', bootstrap: ['10.0.1.1:9092'], clusterId: 'logs-id' },
  trade: { broker: 'rocketmq', namesrv: ['10.0.2.1:9876'] },
});
const kafka: FoundInstance = {
  host: 'host-1',
  pid: 7,
  startedAfterBootSeconds: 1,
  settings: {
    role: 'kafka-broker',
    broker: '1',
    port: 9092,
    ports: [9092],
    directories: ['/data'],
    failureDomain: 'rack-1',
  },
  settingsFile: '/etc/kafka/server.properties',
  javaHome: '/usr/lib/jvm/java-17',
  startedBy: { kind: 'supervisord', program: 'kafka', config: '/etc/supervisord.conf', sudo: true },
};

test('finds the cluster of a Kafka broker by its meta.properties', () => {
  const { instances, notices } = proposeInstances([kafka], clusters, new Map([[kafka, 'logs-id']]), undefined);
  expect(instances['broker-1']).toMatchObject({
    cluster: 'logs',
    failureDomain: 'rack-1',
    java: '/usr/lib/jvm/java-17',
  });
  expect(notices).toEqual([]);
});

test('leaves out and names a broker of no configured cluster', () => {
  const { instances, notices } = proposeInstances([kafka], clusters, new Map([[kafka, 'another']]), undefined);
  expect(instances).toEqual({});
  expect(notices).toEqual([
    'kafka-broker on host host-1 (process 7) is left out: its cluster is unknown; name it with --cluster',
  ]);
});

test('leaves out a broker of another cluster than the named one, and names its cluster', () => {
  const proposed = (id: string) => proposeInstances([kafka], clusters, new Map([[kafka, id]]), 'orders');
  expect(proposed('logs-id')).toEqual({
    instances: {},
    notices: ['kafka-broker on host host-1 (process 7) is left out: it belongs to cluster logs'],
  });
  expect(proposed('another').notices).toEqual([
    'kafka-broker on host host-1 (process 7) is left out: it does not belong to cluster orders',
  ]);
});

test('names a supervisor that did not answer as the reason why an instance cannot be controlled', () => {
  const reason = 'supervisord (process 3) runs it but gave no answer: host host-1: supervisorctl failed: no such file';
  const { notices } = proposeInstances(
    [{ ...kafka, startedBy: { kind: 'none', reason } }],
    clusters,
    new Map([[kafka, 'orders-id']]),
    'orders',
  );
  expect(notices).toEqual([`broker-1 can be listed and not controlled: ${reason}`]);
});

test('suggests the nearest name for an unknown cluster', () => {
  const instances = { 'broker-1': DesiredInstance.parse({ cluster: 'orders', host: 'h', role: 'kafka-broker' }) };
  expect(() => chooseInstances({ instances, file: 'instances.yaml' }, [], 'ordres')).toThrow(
    expect.objectContaining({
      message: 'instances.yaml has no instance of cluster ordres that is to run',
      hint: 'did you mean orders?',
    }),
  );
});

test('assigns RocketMQ instances to the only configured cluster of their kind', () => {
  const server: FoundInstance = {
    ...kafka,
    settings: { role: 'rocketmq-name-server', port: 9876, ports: [9876], directories: [] },
    startedBy: { kind: 'none' },
  };
  const { instances, notices } = proposeInstances([server], clusters, new Map(), undefined);
  expect(instances['name-server-host-1']).toMatchObject({ cluster: 'trade', role: 'rocketmq-name-server' });
  expect(notices).toHaveLength(1);
});

test.each<[string, { port: number; nameServers?: string[] }, string | undefined]>([
  ['its name server has another port', { port: 10_911, nameServers: ['127.0.0.1:19876'] }, undefined],
  ['its name server has another address', { port: 10_911, nameServers: ['10.0.9.9:9876'] }, undefined],
  ['its name server is unknown and it is no known broker', { port: 20_911 }, undefined],
  ['it registers with the name server of the cluster', { port: 20_911, nameServers: ['10.0.2.1:9876'] }, 'trade'],
  ['its name server is given by name', { port: 20_911, nameServers: ['ns-1:9876'] }, 'trade'],
  ['it is a known broker', { port: 10_921, nameServers: ['127.0.0.1:19876'] }, 'trade'],
])('assigns a RocketMQ broker of a cluster with the same name if appropriate: %s', (_, own, cluster) => {
  const { trade } = ClustersConfig.parse({
    trade: {
      broker: 'rocketmq',
      namesrv: ['10.0.2.1:9876'],
      clusterId: { name: 'DefaultCluster', brokers: ['broker-a@10.0.2.1:10921'] },
    },
  });
  if (trade === undefined) throw new Error('no cluster');
  const broker: FoundInstance = {
    ...kafka,
    settings: {
      role: 'rocketmq-master',
      broker: 'broker-a:0',
      ports: [own.port],
      directories: ['/data'],
      clusterName: 'DefaultCluster',
      ...own,
    },
  };
  const found = (wanted?: string) => proposeInstances([broker], { trade }, new Map(), wanted).instances['broker-a-0'];
  expect(found()?.cluster).toBe(cluster);
  expect(found('trade')?.cluster).toBe('trade');
});

test('leaves out a name server on another port unless its cluster is named', () => {
  const server: FoundInstance = {
    ...kafka,
    settings: { role: 'rocketmq-name-server', port: 19_876, ports: [19_876], directories: [] },
  };
  expect(proposeInstances([server], clusters, new Map(), undefined)).toEqual({
    instances: {},
    notices: [
      'rocketmq-name-server on host host-1 (process 7) is left out: its cluster is unknown; name it with --cluster',
    ],
  });
  expect(Object.keys(proposeInstances([server], clusters, new Map(), 'trade').instances)).toEqual([
    'name-server-host-1',
  ]);
});

test('two instances of one name get their ports appended', () => {
  const server = (port: number): FoundInstance => ({
    ...kafka,
    pid: port,
    settings: { role: 'rocketmq-name-server', port, ports: [port], directories: [] },
  });
  const { instances } = proposeInstances([server(9876), server(9877)], clusters, new Map(), 'trade');
  expect(Object.keys(instances)).toEqual(['name-server-host-1', 'name-server-host-1-9877']);
});

test('reads back the written file', () => {
  const { instances } = proposeInstances([kafka], clusters, new Map([[kafka, 'orders-id']]), undefined);
  const reading = parseConfig(renderInstances(instances), InstancesFile);
  if (reading.kind === 'invalid') throw new Error(JSON.stringify(reading.problems));
  expect(reading.config.instances).toEqual(instances);
});

test('rejects a name that a program would read as an option', () => {
  const reading = parseConfig(
    'schemaVersion: 1\ninstances:\n  "--help": { cluster: a, host: b, role: zookeeper }\n',
    InstancesFile,
  );
  expect(reading.kind).toBe('invalid');
});

test.each([
  ['supervisord: { program: all }', 'several programs'],
  ['supervisord: { program: "brokers:" }', 'several programs'],
  ['systemd: { unit: reboot.target }', 'not a service'],
])('rejects %s, which would start or stop more than one process', (service, reason) => {
  const text = `schemaVersion: 1\ninstances:\n  one: { cluster: a, host: b, role: zookeeper, ${service} }\n`;
  const reading = parseConfig(text, InstancesFile);
  expect(JSON.stringify(reading.kind === 'invalid' && reading.problems)).toContain(reason);
});

test.each([
  ['systemd: { unit: kafka }', 'systemd: { unit: kafka.service }', true],
  ['supervisord: { program: kafka }', 'supervisord: { program: kafka, sudo: true }', true],
  ['supervisord: { program: kafka }', 'supervisord: { program: kafka, config: /etc/second.conf }', false],
  ['supervisord: { program: kafka }', 'systemd: { unit: kafka.service }', false],
])('two instances of a host with %s and %s are rejected: %s', async (one, other, isRefused) => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-shared-service-'));
  const config = join(folder.path, 'plimsoll.yaml');
  await writeFile(
    config,
    'clusters: { orders: { broker: kafka, bootstrap: ["10.0.0.1:9092"] } }\nhosts: { a: { probe: local }, b: { probe: local } }\n',
  );
  const instance = (host: string, service: string) =>
    `{ cluster: orders, host: ${host}, role: kafka-broker, ${service} }`;
  await writeFile(
    join(folder.path, 'instances.yaml'),
    `schemaVersion: 1\ninstances:\n  k-1: ${instance('a', one)}\n  k-2: ${instance('a', other)}\n  k-3: ${instance('b', one)}\n`,
  );
  const reading = readDesired({ options: { config }, signal: new AbortController().signal });
  if (isRefused) {
    await expect(reading).rejects.toMatchObject({
      code: 'config-invalid',
      message: expect.stringContaining('k-1 has the same service on host a: to stop one would stop both') as string,
    });
  } else expect(Object.keys((await reading).instances)).toEqual(['k-1', 'k-2', 'k-3']);
});

test('a rolling restart goes by failure domain, slaves before masters, and numbers in numeric order', () => {
  const of = (failureDomain: string, role: InstanceRole) =>
    DesiredInstance.parse({ cluster: 'trade', host: 'h', role, failureDomain });
  const names = inRollingOrder([
    ['m', of('rack-2', 'rocketmq-master')],
    ['s', of('rack-2', 'rocketmq-slave')],
    ['n', of('rack-10', 'rocketmq-name-server')],
    ['broker-10', of('rack-1', 'kafka-broker')],
    ['broker-9', of('rack-1', 'kafka-broker')],
  ]).map(([name]) => name);
  expect(names).toEqual(['broker-9', 'broker-10', 's', 'm', 'n']);
});
