import { afterEach, expect, test, vi } from 'vitest';
import type { ClusterInspector } from '../../../../brokers/driver.ts';
import type { ClusterLookup } from '../../../../brokers/lookup.ts';
import { drivers } from '../../../../brokers/registry.ts';
import type { ClusterSnapshot } from '../../../../brokers/snapshot.ts';
import { brokerWith, runtimeWith, snapshotWith } from '../../../support/rocketmq-snapshot.ts';
import { broker, inspect, listing } from '../../../support/rocketmq-inspection.ts';
import { runWords } from '../../../support/run-words.ts';
import { startFakeCluster } from '../../../support/fake-name-server.ts';

const inspectorOf = (snapshot: ClusterSnapshot): ClusterInspector => ({
  describe: async () => snapshot.cluster,
  snapshot: async () => snapshot,
  async [Symbol.asyncDispose]() {},
});
afterEach(() => void vi.restoreAllMocks());

/** Three brokers, of which broker 3 has stopped: Kafka no longer lists it, except as a replica. */
const afterLoss: ClusterSnapshot = {
  cluster: {
    name: 'kafka',
    kind: 'kafka',
    brokers: [
      { id: '1', address: '192.0.2.1:9092' },
      { id: '2', address: '192.0.2.2:9092' },
    ],
  },
  topics: [
    {
      name: 'orders',
      internal: false,
      partitions: [
        { topic: 'orders', partition: 0, leader: '1', replicas: ['3', '1'], inSyncReplicas: ['1'] },
        { topic: 'orders', partition: 1, replicas: ['3'], inSyncReplicas: [] },
      ],
    },
  ],
  offsets: [],
  groups: [],
  sections: [],
};

test('lists a missing broker by its replicas', async () => {
  vi.spyOn(drivers.kafka, 'inspect').mockResolvedValue(inspectorOf(afterLoss));
  const table = await runWords('get', 'brokers', '--bootstrap', '192.0.2.1:9092');
  expect(table.stdout).toMatch(/^3 +not listed( +-){2} +0 +2 +- +-$/m);
  const { stdout } = await runWords('get', 'brokers', '--bootstrap', '192.0.2.1:9092', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    brokers: [
      { id: '1', address: '192.0.2.1:9092', listed: true },
      { id: '2', listed: true },
      { id: '3', listed: false, leads: 0, lagging: 2 },
    ],
  });
});

test('names log directories that get no new replicas', async () => {
  const logDirectories = [
    { broker: '1', path: '/data/a', isCordoned: true },
    { broker: '1', path: '/data/b', isCordoned: false },
  ];
  const kafka = { logDirectories, topicSizes: [], topicConfigs: [], zooKeeper: [], internals: [] };
  vi.spyOn(drivers.kafka, 'inspect').mockResolvedValue(inspectorOf({ ...afterLoss, kafka }));
  const { stdout } = await runWords('get', 'brokers', '--bootstrap', '192.0.2.1:9092', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    brokers: [{ id: '1', cordonedDirs: ['/data/a'] }, { id: '2' }, { id: '3' }],
    notices: ['broker 1: cordoned.log.dirs keeps new replicas out of /data/a'],
  });
});

test('a slave that does not answer does not count as out of sync, because its state is unknown', async () => {
  const { inspector } = inspect({ 'ns-1:9876': listing('a:0', 'a:1'), 'a:0': broker({ ends: [7] }) });
  vi.spyOn(drivers.rocketmq, 'inspect').mockResolvedValue(inspector);
  const ofCluster = ['--namesrv', 'ns-1:9876', '--json'];
  const brokers = await runWords('get', 'brokers', ...ofCluster);
  const { brokers: rows, notices } = JSON.parse(brokers.stdout) as { brokers: object[]; notices: string[] };
  expect(notices).toContain('runtime of a:1: not read: cannot reach a:1: connection refused');
  expect(rows).toMatchObject([{ id: 'a:0', lagging: 0 }, { id: 'a:1' }]);
  expect(rows[1]).not.toHaveProperty('lagging');
  const topic = await runWords('get', 'topic', 'orders', ...ofCluster);
  const { partitions } = JSON.parse(topic.stdout) as { partitions: object[] };
  expect(partitions).toMatchObject([{ leader: 'a:0', replicas: ['a:0', 'a:1'] }]);
  expect(partitions[0]).not.toHaveProperty('inSyncReplicas');
});

test('states that a missing broker is not listed instead of that the cluster has none', async () => {
  const lookup: Partial<ClusterLookup> = {
    settings: async () => ({ processes: [{ of: 'broker', id: '1', values: new Map() }], differences: [], notices: [] }),
    async [Symbol.asyncDispose]() {},
  };
  vi.spyOn(drivers.kafka, 'inspect').mockResolvedValue(inspectorOf(afterLoss));
  vi.spyOn(drivers.kafka, 'lookUp').mockResolvedValue(lookup as ClusterLookup);
  const settingsOf = (id: string) => runWords('get', 'config', id, '--bootstrap', '192.0.2.1:9092');
  const message = 'broker 3 of cluster kafka: it holds replicas, but the cluster does not list it';
  expect(await settingsOf('3')).toMatchObject({ exitCode: 5, stderr: expect.stringContaining(message) });
  const unknown = 'cluster kafka has no broker 4';
  expect(await settingsOf('4')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(unknown) });
});

test('the disk use of a RocketMQ broker is the higher one of commit log and consume queues', async () => {
  const broker = brokerWith({ id: 'broker-a:0', runtime: runtimeWith('5.3.3', { consumeQueueDiskRatio: '0.91' }) });
  const cluster = { name: 'trade', kind: 'rocketmq' as const, brokers: [{ id: broker.id, address: broker.address }] };
  const snapshot = snapshotWith({ brokers: [broker] }, { cluster });
  vi.spyOn(drivers.rocketmq, 'inspect').mockResolvedValue(inspectorOf(snapshot));
  const { stdout } = await runWords('get', 'brokers', '--namesrv', '192.0.2.1:9876', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ brokers: [{ id: 'broker-a:0', diskUsedRatio: 0.91 }] });
});

test('a broker name shows the settings of its only broker, or the ids if there are several', async () => {
  const ids = ['broker-a:0', 'broker-b:0', 'broker-b:1'];
  const processes = ids.map((id) => ({ of: 'broker' as const, id, values: new Map([['fileReservedTime', '48']]) }));
  let notices: string[] = [];
  const lookup: Partial<ClusterLookup> = {
    settings: async () => ({ processes, differences: [], notices }),
    async [Symbol.asyncDispose]() {},
  };
  vi.spyOn(drivers.rocketmq, 'lookUp').mockResolvedValue(lookup as ClusterLookup);
  const config = (name: string) => runWords('get', 'config', name, '--namesrv', '192.0.2.1:9876');
  expect(await config('broker-a')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('fileReservedTime') });
  const several = await config('broker-b');
  expect(several.exitCode).toBe(2);
  expect(several.stderr).toContain('broker-b has several brokers: broker-b:0, broker-b:1');
  processes.splice(1, 1);
  notices = ['broker-b:0 did not answer'];
  expect(await config('broker-a')).toMatchObject({ stdout: expect.stringContaining('fileReservedTime') });
  expect(await config('broker-b')).toMatchObject({
    exitCode: 5,
    stderr: expect.stringContaining('broker-b:0 did not answer'),
  });
});

test.each(['get topics', 'get brokers', 'get groups', 'get config', 'get producers', 'get group billing', 'top'])(
  '`%s` is an error where every broker refuses the access key',
  async (words) => {
    await using cluster = await startFakeCluster('DefaultCluster', { refusesLogins: true });
    const { exitCode, stderr } = await runWords(...words.split(' '), '--namesrv', cluster.namesrv);
    expect(stderr).toMatch(/^error: .*check signature failed\.\nhint: check clusters\.<name>\.credentials/);
    expect(exitCode).toBe(5);
  },
);
