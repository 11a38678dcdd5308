import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { readZooKeeper } from '../../../../brokers/kafka/zookeeper/monitor.ts';
import type { ClusterSnapshot, Section } from '../../../../brokers/snapshot.ts';
import type { PartitionOffsets } from '../../../../core/cluster.ts';
import type { ClusterCollector } from '../../../../exporter/collector.ts';
import { brokerAvailability } from '../../../../exporter/collectors/broker-availability.ts';
import { groupStates } from '../../../../exporter/collectors/group-states.ts';
import { lastStableOffsets } from '../../../../exporter/collectors/last-stable-offsets.ts';
import { logDirs } from '../../../../exporter/collectors/log-dirs.ts';
import { quorum } from '../../../../exporter/collectors/quorum.ts';
import { topicAvailability } from '../../../../exporter/collectors/topic-availability.ts';
import { topicConfig } from '../../../../exporter/collectors/topic-config.ts';
import { zooKeeper } from '../../../../exporter/collectors/zookeeper.ts';
import { showOnly } from '../../../../exporter/shown-snapshot.ts';
import { troubledSnapshot } from '../../../support/golden-metrics-page.ts';
import { seriesOf } from '../../../support/series-of.ts';

const nothingRead: ClusterSnapshot = {
  ...troubledSnapshot,
  kafka: { logDirectories: [], topicSizes: [], topicConfigs: [], zooKeeper: [], internals: [] },
};
const reasonOf = (collector: ClusterCollector, snapshot: ClusterSnapshot) => {
  const collection = collector.collect({ snapshot });
  return collection.kind === 'ok' ? 'ok' : collection.reason;
};

test('an unreachable registered broker is down, with kept values and a working agent; a refusing one is up', () => {
  const sections: Section[] = [
    { section: 'offsets', broker: '1', kind: 'kept', durationSeconds: 3, ageSeconds: 15, isUnreachable: true },
    { section: 'internals', broker: '1', kind: 'fresh', durationSeconds: 0.4, ageSeconds: 0 },
    { section: 'offsets', broker: '2', kind: 'missing', durationSeconds: 0.1, reason: 'CLUSTER_AUTHORIZATION_FAILED' },
  ];
  expect(seriesOf(brokerAvailability, { ...troubledSnapshot, sections }, 'kafka_broker_up')).toEqual({ 1: 0, 2: 1 });
});

test('brokers that responded are up, even if the scrape timed out before their offsets were read', () => {
  const sections = ['1', '2'].flatMap((broker): Section[] => [
    { section: 'groups', broker, kind: 'fresh', durationSeconds: 2.9, ageSeconds: 0 },
    { section: 'offsets', broker, kind: 'kept', durationSeconds: 1.5, ageSeconds: 15, isUnreachable: true },
  ]);
  expect(seriesOf(brokerAvailability, { ...troubledSnapshot, sections }, 'kafka_broker_up')).toEqual({ 1: 1, 2: 1 });
});

test('a broker that holds replicas is expected while unregistered, even if its only topic is filtered out', () => {
  const expected = (snapshot: ClusterSnapshot) => seriesOf(brokerAvailability, snapshot, 'kafka_brokers_expected');
  const shown = showOnly(troubledSnapshot, { topics: { deny: ['payments'] }, groups: { deny: [] } });
  expect(shown.topics.map(({ name }) => name)).toEqual(['orders']);
  expect(expected(shown)).toEqual({ '': 3 });
  expect(expected(nothingRead)).toEqual({});
});

test('a log directory with an error is offline and has no sizes', () => {
  expect(seriesOf(logDirs, troubledSnapshot)).toMatchObject({
    'kafka_log_dir_online 1 /var/lib/kafka': 1,
    'kafka_log_dir_cordoned 1 /var/lib/kafka': 0,
    'kafka_log_dir_usable_bytes 1 /var/lib/kafka': 78_211_985_408n,
    'kafka_log_dir_online 2 /disk "b"': 0,
    'kafka_topic_future_log_bytes 2 payments': 69n,
  });
  expect(seriesOf(logDirs, troubledSnapshot)).not.toHaveProperty(['kafka_log_dir_capacity_bytes 2 /disk "b"']);
  expect(seriesOf(logDirs, troubledSnapshot)).not.toHaveProperty(['kafka_log_dir_cordoned 2 /disk "b"']);
  expect(reasonOf(logDirs, nothingRead)).toBe('no broker reported its log directories');
});

test("the lag of a voter is the difference to the leader's log; a voter that never fetched has none", () => {
  expect(seriesOf(quorum, troubledSnapshot, 'kafka_quorum_replica_lag')).toEqual({
    '1 voter': 0n,
    '2 voter': 2n,
    '4 observer': 0n,
  });
  expect(seriesOf(quorum, troubledSnapshot, 'kafka_quorum_leader')).toEqual({ 1: 1, 2: 0, 3: 0 });
});

test('a ZooKeeper cluster has no quorum, and an unresponsive quorum is a failure', () => {
  expect(seriesOf(quorum, { ...nothingRead, sections: [] })).toEqual({});
  const silent = { ...nothingRead, sections: [{ section: 'quorum', kind: 'missing' as const }] };
  expect(reasonOf(quorum, silent)).toBe('the quorum could not be read');
});

test('partitions without leader, without preferred leader or below min ISR are counted by topic', () => {
  expect(seriesOf(topicAvailability, troubledSnapshot)).toEqual({
    'kafka_topic_leaderless_partitions orders': 0,
    'kafka_topic_unpreferred_leader_partitions orders': 1,
    'kafka_topic_under_min_isr_partitions orders': 1,
    'kafka_topic_leaderless_partitions payments': 1,
    'kafka_topic_unpreferred_leader_partitions payments': 0,
    'kafka_topic_under_min_isr_partitions payments': 1,
  });
});

test.each([
  ['3.3-3.4', 2],
  ['3.6', 2],
  ['3.7', 1],
  ['4.3+', 1],
  [undefined, 1],
])('min.insync.replicas above the replica count makes producers fail before Kafka 3.7 (%s)', (version, expected) => {
  const { kafka: whole, topics: seen } = troubledSnapshot;
  if (whole === undefined) throw new Error('no Kafka');
  const topics = seen.filter(({ name }) => name === 'payments');
  const topicConfigs = [{ topic: 'payments', minInSyncReplicas: 2 }];
  const cluster = { ...troubledSnapshot.cluster, ...(version !== undefined && { version }) };
  const snapshot = { ...troubledSnapshot, cluster, topics, kafka: { ...whole, topicConfigs } };
  // One of its two partitions has its only replica in sync, the other has no replica in sync.
  expect(seriesOf(topicAvailability, snapshot, 'kafka_topic_under_min_isr_partitions')).toEqual({
    payments: expected,
  });
});

test('values that need an unknown setting are absent, and the others are exported', () => {
  expect(Object.keys(seriesOf(topicAvailability, nothingRead))).toEqual([
    'kafka_topic_leaderless_partitions orders',
    'kafka_topic_unpreferred_leader_partitions orders',
    'kafka_topic_leaderless_partitions payments',
    'kafka_topic_unpreferred_leader_partitions payments',
  ]);
  expect(reasonOf(topicConfig, nothingRead)).toBe('the settings of the topics could not be read');
});

test('a topic without a limit has no value for it', () => {
  expect(seriesOf(topicConfig, troubledSnapshot)).toEqual({
    'kafka_topic_min_insync_replicas orders': 2,
    'kafka_topic_retention_seconds orders': 604_800,
    'kafka_topic_cleanup_policy_info orders delete': 1,
    'kafka_topic_min_insync_replicas payments': 1,
    'kafka_topic_retention_bytes payments': 1_073_741_824n,
    'kafka_topic_cleanup_policy_info payments compact,delete': 1,
  });
});

test('a compacted topic keeps its messages regardless of retention settings', () => {
  const { kafka: whole } = troubledSnapshot;
  if (whole === undefined) throw new Error('no Kafka');
  const settings = { topic: 'state', retentionMs: 604_800_000n, retentionBytes: 1n, cleanupPolicy: 'compact' };
  const snapshot = { ...troubledSnapshot, kafka: { ...whole, topicConfigs: [settings] } };
  expect(seriesOf(topicConfig, snapshot)).toEqual({ 'kafka_topic_cleanup_policy_info state compact': 1 });
});

test('a group is in one of the states of its kind', () => {
  const groups: ClusterSnapshot['groups'] = [
    { name: 'new', state: 'Reconciling', kind: 'consumer', partitions: [] },
    { name: 'shared', state: 'Stable', kind: 'share', partitions: [] },
    { name: 'words', state: 'NotReady', kind: 'streams', partitions: [] },
    { name: 'odd', state: 'NotYetInvented', partitions: [] },
  ];
  const states = seriesOf(groupStates, { ...troubledSnapshot, groups }, 'kafka_consumergroup_state');
  expect(Object.entries(states).filter(([, value]) => value === 1)).toEqual([
    ['new Reconciling', 1],
    ['shared Stable', 1],
    ['words NotReady', 1],
    ['odd NotYetInvented', 1],
  ]);
  expect(Object.keys(states).filter((key) => key.startsWith('shared'))).toHaveLength(3);
  expect(Object.keys(states).filter((key) => key.startsWith('words'))).toHaveLength(6);
  expect(seriesOf(groupStates, { ...troubledSnapshot, groups }, 'kafka_consumergroup_info')).toEqual({
    'new consumer': 1,
    'shared share': 1,
    'words streams': 1,
  });
});

test('the last stable offset is exported if it was read, and the age of the oldest open transaction of a topic if it is known', () => {
  const offsetsOf = (topic: string, ...ages: number[]) =>
    ages.map((seconds, number) => ({ topic, partition: number, end: 100n, lastStable: BigInt(seconds) }));
  const unknown = 99;
  const added = [offsetsOf('pay', 30, unknown, 70), offsetsOf('bills', 0, 0), offsetsOf('loans', 0, unknown)];
  const shown = { ...troubledSnapshot, offsets: added.flat() };
  const lagTimes = {
    clampedTotal: 0,
    of: () => undefined,
    openTransactionSeconds: ({ lastStable }: PartitionOffsets) =>
      Number(lastStable) === unknown ? undefined : Number(lastStable),
  };
  expect(seriesOf(lastStableOffsets, shown, 'kafka_topic_open_transaction_seconds', lagTimes)).toEqual({
    pay: 70,
    bills: 0,
  });
  expect(seriesOf(lastStableOffsets, troubledSnapshot)).toEqual({
    'kafka_topic_partition_last_stable_offset orders 1': 38n,
  });
});

/** Reads a server that answers mntr with these figures. */
async function readServer(figures: readonly string[]) {
  const mntr = figures.map((figure) => `zk_${figure}\n`).join('');
  const server = createServer((socket) => socket.once('data', () => socket.end(mntr))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const read = await readZooKeeper(address, { signal: new AbortController().signal });
  server.close();
  return read;
}

test('a ZooKeeper server without a quorum does not count as serving, even if its admin server returns 200', async () => {
  const answers = [
    { version: '3.8.4', avg_latency: 0.5, server_state: 'follower', command: 'monitor', error: null },
    { command: 'monitor', error: 'This ZooKeeper instance is not currently serving requests' },
  ];
  const server = createHttpServer((_, response) => void response.end(JSON.stringify(answers.shift())));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const io = { signal: AbortSignal.timeout(5000) };
  expect(await readZooKeeper(address, io)).toEqual({ address, state: 'follower', averageLatencyMs: 0.5 });
  await expect(readZooKeeper(address, io)).rejects.toMatchObject({
    code: 'broker-refused',
    message: expect.stringMatching(/: This ZooKeeper instance is not currently serving requests$/) as string,
  });
  server.close();
});

const leaderFigures = ['server_state\tleader', 'synced_followers\t2'];

test.each<[string, string[], string[], number | undefined]>([
  ['that counts them separately', ['learners\t3', 'synced_observers\t1'], [], 2],
  ['of 3.5 with all servers configured', ['followers\t3'], ['follower', 'follower', 'observer'], 2],
  ['of 3.5 with an observer that is not configured, or silent', ['followers\t3'], ['follower', 'follower'], undefined],
])(
  'observers of a ZooKeeper leader %s do not count as followers, which would never be in sync',
  async (_, figures, states, followers) => {
    const leader = await readServer([...leaderFigures, ...figures]);
    const others = await Promise.all(states.map((state) => readServer([`server_state\t${state}`])));
    const servers = [leader, ...others];
    const kafka = { logDirectories: [], topicSizes: [], topicConfigs: [], zooKeeper: servers, internals: [] };
    const sections = [
      ...servers.map(({ address }) => ({ section: 'zookeeper', broker: address, kind: 'fresh' as const })),
      { section: 'zookeeper', broker: 'o:2181', kind: 'missing' as const },
    ];
    const series = seriesOf(zooKeeper, { ...nothingRead, kafka, sections });
    expect(series[`zookeeper_followers ${leader.address}`]).toBe(followers);
    expect(series[`zookeeper_synced_followers ${leader.address}`]).toBe(2);
  },
);

test('a ZooKeeper server has only the metrics it reports, in seconds', () => {
  const series = seriesOf(zooKeeper, troubledSnapshot);
  expect(series).toMatchObject({
    'zookeeper_server_state 127.0.0.1:2181 leader': 1,
    'zookeeper_server_state 127.0.0.1:2182 leader': 0,
    'zookeeper_latency_average_seconds 127.0.0.1:2181': 0.000_54,
    'zookeeper_synced_followers 127.0.0.1:2181': 1,
  });
  expect(Object.keys(series).filter((key) => /watches.*2182/.test(key))).toEqual([]);
  const silent = { ...nothingRead, sections: [{ section: 'zookeeper', kind: 'missing' as const }] };
  expect(reasonOf(zooKeeper, silent)).toBe('no server answered');
});
