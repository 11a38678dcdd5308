import { writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { renderSite } from '../../../../app/instances/render-site.ts';
import { ClusterConfig } from '../../../../brokers/config.ts';
import { InstancesFile } from '../../../../core/documents/instances.ts';
import { SiteFile } from '../../../../core/documents/site.ts';

const machines = ['worker1', 'worker2', 'worker3'];
const distribution = (name: string) => ({ archive: `${name}.tar.gz`, sha512: 'a'.repeat(128) });

async function rendered(product: string, layout: object, version = product) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-site-'));
  const path = join(folder.path, 'site.yaml');
  const site = {
    schemaVersion: 1,
    distributions: { [version]: distribution(version) },
    versions: { [product]: version },
    supervisor: { kind: 'systemd' },
    java: '/usr/lib/jvm/java-17-openjdk-amd64',
    memory: '1GiB',
    folders: { programs: '/opt', settings: '/etc/brokers', data: '/data', logs: '/var/log/brokers' },
    machines: Object.fromEntries(machines.map((name, index) => [name, { address: `192.0.2.${index + 1}` }])),
    clusters: { orders: layout },
  };
  writeFileSync(path, JSON.stringify(site));
  return (await renderSite(path, { signal: AbortSignal.timeout(10_000) })).files;
}

async function brokersOf(product: string, layout: object): Promise<Record<string, unknown>> {
  const files = await rendered(product, layout);
  const text = files.find((file) => file.path === 'clusters.yaml')?.text ?? '';
  const { clusters } = parse(text) as { clusters: { orders: unknown } };
  return ClusterConfig.parse(clusters.orders).brokers;
}

test('plimsoll.yaml gets the host of each broker, so that a load test monitors the host', async () => {
  expect(await brokersOf('kafka', { broker: 'kafka', controllers: machines.slice(0, 1), brokers: machines })).toEqual({
    101: { host: 'worker1' },
    102: { host: 'worker2' },
    103: { host: 'worker3' },
  });
});

test.each([
  ['kafka', { broker: 'kafka', controllers: ['worker1'], brokers: ['worker1'] }, 'num.io.threads', 'server.properties'],
  [
    'rocketmq',
    { broker: 'rocketmq', mode: 'single', nameServers: ['worker1'], groups: { 'broker-a': ['worker1'] } },
    'sendMessageThreadPoolNums',
    'broker.conf',
  ],
])('settings of site.yaml replace rendered ones: %s', async (product, layout, key, file) => {
  const settings = { [key]: 3, 'own.setting': 'a=b' };
  const files = await rendered(product, { ...layout, settings });
  const text = files.find(({ path }) => path.endsWith(file) && path.includes('broker'))?.text ?? '';
  expect(text.split('\n').filter((line) => line.startsWith(key))).toEqual([`${key}=3`]);
  expect(text).toContain('own.setting=a=b');
  const identity = rendered(product, { ...layout, settings: { brokerName: 'x' } });
  await expect(identity).rejects.toThrow('brokerName follows from the layout');
});

test('rejects an address with a port, and names where the port belongs', () => {
  const { error } = SiteFile.shape.machines.safeParse({ worker1: { address: '127.0.0.1:2222' } });
  expect(error?.issues[0]?.message).toBe('write a host name without a port; the SSH port belongs under `hosts`');
});

const zooKeeper = { broker: 'kafka', zookeepers: ['worker1', 'worker1', 'worker2'], brokers: machines };

test('for Kafka with ZooKeeper, servers use ports that do not collide on one host, and brokers list all servers', async () => {
  const files = await rendered('kafka', zooKeeper);
  const textOf = (path: string) => files.find((file) => file.path === path)?.text ?? '';
  expect(textOf('orders/orders-zookeeper-2/zookeeper.properties'))
    .toBe(`# orders-zookeeper-2: ZooKeeper server of cluster orders
dataDir=/data/orders-zookeeper-2
clientPort=2281
server.1=192.0.2.1:2888:3888
server.2=192.0.2.1:2988:3988
server.3=192.0.2.2:2888:3888
tickTime=2000
# 20 s to copy the data of the leader
initLimit=10
# 10 s behind the leader
syncLimit=5
autopurge.snapRetainCount=3
# hours; by default, snapshots and logs are never deleted
autopurge.purgeInterval=24
# used by monitoring and rolling restarts
4lw.commands.whitelist=mntr,srvr,ruok
# it would use port 8080
admin.enableServer=false
`);
  expect(textOf('orders/orders-zookeeper-2/myid')).toBe('2\n');
  expect(textOf('orders/orders-zookeeper-2/orders-zookeeper-2.service')).toContain(
    'org.apache.zookeeper.server.quorum.QuorumPeerMain /etc/brokers/orders-zookeeper-2/zookeeper.properties\n',
  );
  expect(textOf('orders/orders-broker-1/jvm.env')).toContain(
    '-Dlog4j.configuration=file:/opt/orders-broker-1/current/config/log4j.properties',
  );
  const broker = textOf('orders/orders-broker-1/server.properties').split('\n');
  expect(broker).toEqual(
    expect.arrayContaining([
      'broker.id=101',
      'zookeeper.connect=192.0.2.1:2181,192.0.2.1:2281,192.0.2.2:2181',
      'listener.security.protocol.map=PLAINTEXT:PLAINTEXT',
    ]),
  );
  expect(broker.filter((line) => /^(?:process\.roles|node\.id|controller\.)/.test(line))).toEqual([]);
});

test('for Kafka with ZooKeeper, servers get the cluster id, and plimsoll.yaml has the id and the servers', async () => {
  const files = await rendered('kafka', zooKeeper);
  const read = (path: string) => parse(files.find((file) => file.path === path)?.text ?? '') as Record<string, object>;
  const { orders } = read('clusters.yaml')['clusters'] as { orders: object };
  const { clusterId, ...config } = ClusterConfig.parse(orders);
  expect(config).toMatchObject({ zookeeper: ['192.0.2.1:2181', '192.0.2.1:2281', '192.0.2.2:2181'] });
  const { instances } = InstancesFile.parse(read('instances.yaml'));
  expect(Object.keys(instances).filter((name) => instances[name]?.install?.clusterId === clusterId)).toEqual([
    'orders-zookeeper-1',
    'orders-zookeeper-2',
    'orders-zookeeper-3',
  ]);
  expect(instances['orders-broker-1']?.install?.clusterId).toBeUndefined();
  expect(instances['orders-zookeeper-3']).toMatchObject({
    role: 'zookeeper',
    broker: '3',
    port: 2181,
    host: 'worker2',
    directories: ['/data/orders-zookeeper-3'],
  });
  expect(Object.keys(instances['orders-zookeeper-3']?.install?.files ?? {}).toSorted()).toEqual([
    '/data/orders-zookeeper-3/myid',
    '/etc/brokers/orders-zookeeper-3/jvm.env',
    '/etc/brokers/orders-zookeeper-3/zookeeper.properties',
    '/etc/systemd/system/orders-zookeeper-3.service',
  ]);
});

test('a single ZooKeeper server has no ensemble settings', async () => {
  const files = await rendered('kafka', { ...zooKeeper, zookeepers: ['worker1'] });
  const { text = '' } = files.find(({ path }) => path.endsWith('zookeeper.properties')) ?? {};
  expect(text).toContain('clientPort=2181\n');
  expect(text).not.toContain('server.');
});

test.each([
  [{ ...zooKeeper, controllers: ['worker1'] }, 'either `controllers` (Kafka with KRaft) or `zookeepers`'],
  [{ broker: 'kafka', brokers: machines }, 'either `controllers` (Kafka with KRaft) or `zookeepers`'],
  [{ ...zooKeeper, zookeepers: ['worker1', 'worker2'] }, 'zookeepers: name 1, 3 or 5 hosts'],
  [
    { ...zooKeeper, settings: { 'zookeeper.connect': 'worker1:2181/orders' } },
    'zookeeper.connect follows from the layout',
  ],
])('rejects a layout that cannot be installed, with the reason: %j', async (layout, reason) =>
  expect(rendered('kafka', layout)).rejects.toThrow(reason),
);

test.each(['kafka_2.13-4.0.0', 'kafka-4.3.1'])('rejects %s for a layout with ZooKeeper', async (product) => {
  await expect(rendered('kafka', zooKeeper, product)).rejects.toThrow(
    /cluster orders has `zookeepers`, and \S+ is Kafka 4\.\S+, which runs without ZooKeeper/,
  );
  const controllers = { broker: 'kafka', controllers: ['worker1'], brokers: machines };
  expect(await rendered('kafka', controllers, product)).not.toEqual([]);
});

test.each(['kafka_2.13-3.9.1', 'kafka-2.8.2', 'own-build'])('accepts %s for a layout with ZooKeeper', async (product) =>
  expect(await rendered('kafka', zooKeeper, product)).not.toEqual([]),
);
