import { expect, test } from 'vitest';
import type { ClusterPlan } from '../../../../core/documents/cluster-plan.ts';
import { clusterId } from '../../../../ops/render/kafka-files.ts';
import { jvmMemory } from '../../../../ops/render/memory.ts';
import { renderPlan } from '../../../../ops/render/render-plan.ts';
import { plannedCluster } from '../../../support/cluster-plan.ts';

const modes: Partial<ClusterPlan>[] = [
  { broker: 'kafka' },
  { mode: 'dledger' },
  { mode: 'controller' },
  { mode: 'master-slave' },
];

function settingsOf(plan: ClusterPlan, path: string): Record<string, string> {
  const text = renderPlan([plan]).find((file) => file.path === `${plan.name}/${path}`)?.text ?? '';
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

test.each(modes)(
  'every host of %o has settings, kernel parameters, limits, flags and a unit without unknown values',
  (over) => {
    const plan = plannedCluster(over);
    const files = renderPlan([plan]);
    const hosts = [...plan.brokers, ...(plan.nameServers ?? []), ...(plan.controllers ?? [])].map(({ host }) => host);
    for (const host of hosts) {
      const own = files
        .filter(({ path }) => path.startsWith(`${plan.name}/${host}/`))
        .map(({ path }) => path.split('/')[2]);
      expect(own).toHaveLength(5);
      expect(own).toEqual(expect.arrayContaining(['jvm.env', 'limits.conf', 'sysctl.conf']));
    }
    expect(files).toHaveLength(5 * hosts.length);
    for (const { text } of files) expect(text).not.toMatch(/undefined|NaN|Infinity|\[object/);
  },
);

test('every JVM exits when it is out of memory, so that its service restarts it', () => {
  const files = renderPlan(modes.map((over) => plannedCluster(over)));
  const flags = files.filter(({ path }) => path.endsWith('/jvm.env')).map(({ text }) => text);
  expect(flags.length).toBeGreaterThan(0);
  for (const text of flags) expect(text).toContain(' -XX:+ExitOnOutOfMemoryError ');
});

test('renders the same plan to the same bytes', () => {
  const plans = modes.map((over) => plannedCluster(over));
  expect(renderPlan(plans)).toEqual(renderPlan(structuredClone(plans)));
});

test('members of a DLedger group list each other and no other group', () => {
  const [one, two] = [0, 2].map((copy) => settingsOf(plannedCluster(), `orders-broker-a-${copy}/broker.conf`));
  expect(one?.['dLegerPeers']).toBe(two?.['dLegerPeers']);
  expect(one?.['dLegerPeers']?.split(';')).toEqual([
    'n0-orders-broker-a-0:40911',
    'n1-orders-broker-a-1:40911',
    'n2-orders-broker-a-2:40911',
  ]);
  expect([one?.['dLegerSelfId'], two?.['dLegerSelfId']]).toEqual(['n0', 'n2']);
});

test.each([
  ['never', 'SYNC_MASTER', 'SYNC_FLUSH'],
  ['acknowledged', 'SYNC_MASTER', 'ASYNC_FLUSH'],
  ['may-lose', 'ASYNC_MASTER', 'ASYNC_FLUSH'],
] as const)('a domain of loss %s has a master of %s and %s', (loss, role, flush) => {
  const plan = plannedCluster({ mode: 'master-slave' });
  plan.domains = plan.domains.map((domain) => ({ ...domain, loss }));
  const settings = settingsOf(plan, 'orders-broker-a-0/broker.conf');
  expect([settings['brokerRole'], settings['flushDiskType']]).toEqual([role, flush]);
  expect(settingsOf(plan, 'orders-broker-a-1/broker.conf')['brokerRole']).toBe('SLAVE');
});

test.each([
  [3, 'never', 'true', '2'],
  [3, 'acknowledged', 'true', '2'],
  [2, 'acknowledged', 'true', '1'],
  [3, 'may-lose', 'false', '1'],
] as const)('%d copies under a controller, loss %s: allAckInSyncStateSet %s, minInSyncReplicas %s', (...row) => {
  const [replicas, loss, allAck, least] = row;
  const plan = plannedCluster({ mode: 'controller', replicas });
  plan.domains = plan.domains.map((domain) => ({ ...domain, loss }));
  const settings = settingsOf(plan, 'orders-broker-a-0/broker.conf');
  expect([settings['allAckInSyncStateSet'], settings['minInSyncReplicas']]).toEqual([allAck, least]);
});

test('a Kafka broker has its zone, its voters, and a min.insync.replicas that tolerates the loss of a broker', () => {
  const settings = settingsOf(plannedCluster({ broker: 'kafka' }), 'logs-broker-2/server.properties');
  expect(settings).toMatchObject({
    'node.id': '102',
    'broker.rack': 'zone-2',
    'controller.quorum.voters': '1@kafka-controller-1:9093,2@kafka-controller-2:9093,3@kafka-controller-3:9093',
    'min.insync.replicas': '2',
    'unclean.leader.election.enable': 'false',
    'log.retention.ms': '86400000',
  });
});

test('min.insync.replicas on Kafka is the number of copies that the plan keeps after each tolerated loss', () => {
  const needed = (replicas: number) =>
    settingsOf(plannedCluster({ broker: 'kafka', replicas }), 'logs-broker-2/server.properties')['min.insync.replicas'];
  expect([1, 2, 3, 4, 5].map(needed)).toEqual(['1', '1', '2', '2', '2']);
});

test('a Kafka broker with KRaft has the log configuration of its release: log4j.properties for 3.x, log4j2.yaml for 4.x', () => {
  const files = renderPlan([plannedCluster({ broker: 'kafka' })]);
  const { text = '' } = files.find(({ path }) => path === 'logs/logs-broker-2/jvm.env') ?? {};
  expect(text).toMatch(/ -Dlog4j2\.configurationFile=\S+\/config\/log4j2\.yaml /);
  expect(text).toMatch(/ -Dlog4j\.configuration=file:\S+\/config\/log4j\.properties/);
});

test('a cluster id has 16 bytes, depends only on the name, and never starts like an option', () => {
  const ids = Array.from({ length: 500 }, (_, index) => clusterId(`cluster-${index}`));
  expect(new Set(ids).size).toBe(500);
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9][A-Za-z0-9_-]{21}$/);
  expect(clusterId('cluster-1')).toBe(ids[1]);
});

test('heap, direct memory and page cache of RocketMQ fit into the memory', () => {
  for (const gibibytes of [2, 4, 8, 16, 32, 48, 128, 512]) {
    const memory = gibibytes * 1024;
    const shape = { ...plannedCluster().shape, memoryBytes: gibibytes * 2 ** 30 };
    const { heapMegabytes, directMegabytes } = jvmMemory({ broker: 'rocketmq', shape });
    expect(heapMegabytes + directMegabytes + 0.4 * memory).toBeLessThanOrEqual(memory);
    expect(heapMegabytes).toBeGreaterThan(0);
  }
});

test('a Kafka broker on a small host has a heap large enough to start', () => {
  const heapOf = (memoryBytes: number) =>
    jvmMemory({ broker: 'kafka', shape: { ...plannedCluster().shape, memoryBytes } }).heapMegabytes;
  expect(heapOf(768 * 2 ** 20)).toBe(512);
  expect(heapOf(16 * 2 ** 30)).toBe(4096);
});
