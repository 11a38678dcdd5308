import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { ClusterInspector } from '../../../../../brokers/driver.ts';
import type { ClusterSnapshot } from '../../../../../brokers/snapshot.ts';
import { createTelemetrySource } from '../../../../../app/load-test/telemetry/telemetry.ts';
import { systemClock } from '../../../../../core/clock.ts';
import { AppError } from '../../../../../core/errors.ts';
import type { HostReading } from '../../../../../core/documents/evidence/host-reading.ts';
import type { HostProbe } from '../../../../../hosts/probe.ts';
import { groupsInTopics } from '../../../../../loadgen/plan/group-in-topic.ts';
import { broker, inspect, listing } from '../../../../support/rocketmq-inspection.ts';

const io = { signal: new AbortController().signal };

const snapshot: ClusterSnapshot = {
  cluster: {
    name: 'lab',
    kind: 'kafka',
    brokers: [
      { id: '1', address: 'b1:9092' },
      { id: '2', address: 'b2:9092' },
    ],
  },
  topics: [
    {
      name: 't',
      internal: false,
      partitions: [
        { topic: 't', partition: 0, leader: '1', replicas: ['1', '2'], inSyncReplicas: ['1'] },
        { topic: 't', partition: 1, leader: '1', replicas: ['1', '2'], inSyncReplicas: ['1', '2'] },
        { topic: 't', partition: 2, replicas: ['1', '2'], inSyncReplicas: ['1', '2'] },
      ],
    },
  ],
  offsets: [],
  groups: [
    {
      name: 'g',
      partitions: [
        { topic: 't', partition: 0, end: 10n, committed: 4n },
        { topic: 't', partition: 1, end: 10n },
        { topic: 'other', partition: 0, end: 99n, committed: 0n },
      ],
    },
    { name: 'fresh', partitions: [{ topic: 't', partition: 0, end: 10n }] },
  ],
  sections: [],
};

const inspector: ClusterInspector = {
  describe: async () => snapshot.cluster,
  snapshot: async () => snapshot,
  async [Symbol.asyncDispose]() {},
};
const probe = (sample: () => Promise<HostReading>): HostProbe => ({
  describe: async () => ({ host: 'h' }),
  sample,
  async [Symbol.asyncDispose]() {},
});
const sourceWith = (over: Partial<Parameters<typeof createTelemetrySource>[0]>) =>
  createTelemetrySource({
    cluster: 'lab',
    inspector,
    brokerHosts: {},
    hosts: [],
    generatorHost: 'h',
    topics: ['t'],
    groups: new Map(),
    clock: systemClock,
    ...over,
  });
const source = (...hosts: { name: string; probe: HostProbe }[]) =>
  sourceWith({ hosts, brokerHosts: { '1': { host: 'h' } }, groups: new Map([['g', ['g']]]) });

test('computes lag from commits, and treats partitions without commits as unknown', async () => {
  await using telemetry = source();
  const [cluster] = await telemetry.sample(() => 3, io);
  expect(cluster).toMatchObject({
    kind: 'cluster',
    elapsedSeconds: 3,
    groups: [{ group: 'g', lagMessages: 6 }],
    underReplicatedPartitions: 1,
    leaders: { '1': 2 },
  });
});

test('a RocketMQ master that does not answer leaves the number of out-of-sync queues unknown', async () => {
  const { client, clock, inspector } = inspect({ 'ns-1:9876': listing('a:0'), 'a:0': broker({ ends: [7] }) });
  await using telemetry = sourceWith({ inspector, topics: ['orders'] });
  const placement = [{ leader: 'a:0', replicas: ['a:0'], partitions: 1 }];
  expect(await telemetry.sample(() => 1, io)).toMatchObject([{ underReplicatedPartitions: 0, placement }]);
  delete client.processes['a:0'];
  clock.advance(15);
  const [silent] = await telemetry.sample(() => 2, io);
  expect(silent).toMatchObject({ kind: 'cluster', leaders: { 'a:0': 1 } });
  expect(silent).not.toHaveProperty('underReplicatedPartitions');
  // Unchanged: a row with the master out of sync would be another placement.
  expect(silent).not.toHaveProperty('placement');
});

const at = (ids: Readonly<Record<string, string>>) => Object.entries(ids).map(([id, address]) => ({ id, address }));

test.each<[string, Readonly<Record<string, string>>, string[] | undefined]>([
  ['all are listed', { 'a:0': 'h1', 'a:1': 'h2', 'b:0': 'h3' }, undefined],
  ['a group without slaves is not listed', { 'a:0': 'h1', 'a:1': 'h2' }, ['b:0']],
  ['the slave is not listed', { 'a:0': 'h1', 'b:0': 'h3' }, ['a:1']],
  ['the slave was elected in place of the master', { 'a:0': 'h2', 'b:0': 'h3' }, ['a:0']],
  ['master and slave have changed places', { 'a:0': 'h2', 'a:1': 'h1', 'b:0': 'h3' }, undefined],
  ['a broker was restarted with another address', { 'a:0': 'h9', 'a:1': 'h2', 'b:0': 'h3' }, undefined],
])('RocketMQ brokers that the cluster no longer lists: %s', async (_, listed, missing) => {
  let brokers = at({ 'a:0': 'h1', 'a:1': 'h2', 'b:0': 'h3' });
  const cluster = () => ({ name: 'lab', kind: 'rocketmq' as const, brokers });
  await using telemetry = sourceWith({
    inspector: {
      ...inspector,
      describe: async () => cluster(),
      snapshot: async () => ({ ...snapshot, cluster: cluster() }),
    },
  });
  await telemetry.describe(io);
  brokers = at(listed);
  const [record] = await telemetry.sample(() => 1, io);
  expect(record?.kind === 'cluster' ? record.missingBrokers : 'no record').toEqual(missing);
});

test('the lag of a group is the sum over its topics, and unknown if one of them is', async () => {
  const committed = (topic: string, lag: bigint) => [{ topic, partition: 0, end: lag, committed: 0n }];
  const lagsIn = async (...groups: ClusterSnapshot['groups']) => {
    await using telemetry = sourceWith({
      inspector: { ...inspector, snapshot: async () => ({ ...snapshot, groups }) },
      topics: ['t-1', 't-2'],
      groups: new Map([['p-1', groupsInTopics('p-1', ['t-1', 't-2'])]]),
    });
    const [record] = await telemetry.sample(() => 3, io);
    return record?.kind === 'cluster' ? record.groups : undefined;
  };
  const first = { name: 'p-1', partitions: committed('t-1', 5n) };
  const second = { name: 'p-1-topic-2', partitions: committed('t-2', 40n) };
  expect(await lagsIn(first, second)).toEqual([{ group: 'p-1', lagMessages: 45 }]);
  expect(await lagsIn(first)).toEqual([]);
  const uncommitted = { ...second, partitions: [{ topic: 't-2', partition: 0, end: 40n }] };
  expect(await lagsIn(first, uncommitted)).toEqual([]);
});

test('the lag is unknown if a part of it was not read this time', async () => {
  const of = async (group: object, more: Partial<ClusterSnapshot> = {}) => {
    const partitions = [{ topic: 't', partition: 0, brokerName: 'a', end: 10n, committed: 4n }];
    const groups = [{ name: 'g', partitions, ...group }];
    await using telemetry = sourceWith({
      inspector: { ...inspector, snapshot: async () => ({ ...snapshot, groups, ...more }) },
      groups: new Map([['g', ['g']]]),
    });
    const [record] = await telemetry.sample(() => 3, io);
    return record?.kind === 'cluster' ? record.groups : undefined;
  };
  const unread = (topic: string) => ({ withoutEnd: new Map([[topic, [{ partition: 1, committed: 7n }]]]) });
  expect(await of({})).toEqual([{ group: 'g', lagMessages: 6 }]);
  expect(await of(unread('t'))).toEqual([]);
  expect(await of(unread('other'))).toEqual([{ group: 'g', lagMessages: 6 }]);
  expect(await of({}, { sections: [{ section: 'offsets', broker: 'a:0', kind: 'kept', ageSeconds: 3 }] })).toEqual([]);
});

test('records only the network protocol counters that the analysis reads', async () => {
  const reading = { uptimeSeconds: 7, netstat: { Tcp_RetransSegs: 3, Tcp_ActiveOpens: 9, IpExt_InOctets: 1e9 } };
  let asked: ReadonlySet<string> = new Set();
  const watched: HostProbe = {
    ...probe(async () => reading),
    sample: async (wanted) => {
      asked = wanted;
      return reading;
    },
  };
  await using telemetry = source({ name: 'h', probe: watched });
  const [host] = await telemetry.sample(() => 3, io);
  expect([asked.has('uptimeSeconds'), asked.has('netstat')]).toEqual([true, true]);
  expect(host).toMatchObject({ reading: { uptimeSeconds: 7, netstat: { Tcp_RetransSegs: 3 } } });
  expect(Object.keys((host as { reading: HostReading }).reading.netstat ?? {})).toEqual(['Tcp_RetransSegs']);
});

test('records the placement of replicas when it changes, even after a late reading', async () => {
  let isSlow = true;
  await using telemetry = sourceWith({
    inspector: {
      ...inspector,
      async snapshot() {
        if (isSlow) await new Promise((resolve) => setTimeout(resolve, 950));
        return snapshot;
      },
    },
  });
  const [late] = await telemetry.sample(() => 1, io);
  await new Promise((resolve) => setTimeout(resolve, 100));
  isSlow = false;
  const [first] = await telemetry.sample(() => 2, io);
  const [second] = await telemetry.sample(() => 3, io);
  expect(late).toMatchObject({ kind: 'error', code: 'slow' });
  expect(first).toMatchObject({
    placement: [
      { leader: '1', replicas: ['1', '2'], outOfSync: ['2'], partitions: 1 },
      { leader: '1', replicas: ['1', '2'], partitions: 1 },
      { replicas: ['1', '2'], partitions: 1 },
    ],
  });
  expect(second).not.toHaveProperty('placement');
});

test('a host that fails is an error record, and the others are recorded', async () => {
  await using telemetry = source(
    { name: 'broken', probe: probe(() => Promise.reject(new AppError('host-unreadable', 'no /proc'))) },
    { name: 'fine', probe: probe(async () => ({ load: { one: 1, five: 1, fifteen: 1 } })) },
  );
  expect(await telemetry.sample(() => 1, io)).toMatchObject([
    { kind: 'error', source: 'host broken', code: 'host-unreadable', message: 'no /proc' },
    { kind: 'host', host: 'fine', reading: { load: { one: 1 } } },
    { kind: 'cluster' },
  ]);
});

test('a host that does not answer is skipped for this second, and not read twice at once', async () => {
  let asked = 0;
  const silent = probe(() => {
    asked += 1;
    return new Promise(() => {});
  });
  await using telemetry = source({ name: 'silent', probe: silent });
  const first = await telemetry.sample(() => 1, io);
  const second = await telemetry.sample(() => 2, io);
  expect([first[0], second[0]]).toMatchObject([
    { kind: 'error', source: 'host silent', code: 'slow' },
    { kind: 'error', source: 'host silent', code: 'slow' },
  ]);
  expect(asked).toBe(1);
});

test('a reading that arrives late is part of the next sample, with the time of its middle', async () => {
  const { promise, resolve } = Promise.withResolvers<HostReading>();
  const answers = [promise, Promise.resolve({ uptimeSeconds: 2 })];
  await using telemetry = source({ name: 'slow', probe: probe(() => answers.shift() ?? promise) });
  let now = 1;
  const [first] = await telemetry.sample(() => now, io);
  expect(first).toMatchObject({ kind: 'error', source: 'host slow', code: 'slow' });
  now = 1.5;
  resolve({ uptimeSeconds: 1 });
  await setImmediate();
  now = 2;
  const [late, second] = await telemetry.sample(() => now, io);
  expect(late).toMatchObject({ kind: 'host', host: 'slow', reading: { uptimeSeconds: 1 } });
  expect(late?.elapsedSeconds).toBeCloseTo(1.5 - (late?.scrapeSeconds ?? 0) / 2);
  expect(second).toMatchObject({ kind: 'host', host: 'slow', elapsedSeconds: 2, reading: { uptimeSeconds: 2 } });
  const [third] = await telemetry.sample(() => 3, io);
  expect(third).toMatchObject({ kind: 'host', elapsedSeconds: 3 });
});

test('brokers have the hosts of the config', async () => {
  await using telemetry = source({ name: 'h', probe: probe(async () => ({})) });
  expect(await telemetry.describe(io)).toEqual({
    hosts: [{ host: 'h' }],
    brokers: [
      { id: '1', address: 'b1:9092', host: 'h' },
      { id: '2', address: 'b2:9092' },
    ],
    generatorHost: 'h',
  });
});

test('records hosts of workers beside that of the coordinator', async () => {
  await using telemetry = sourceWith({ workerHosts: ['sender-1'], topics: [] });
  expect(await telemetry.describe(io)).toMatchObject({ generatorHost: 'h', workerHosts: ['sender-1'] });
});

test('an unreachable host is described by its name, and its readings are errors', async () => {
  const away = () => Promise.reject(new AppError('host-unreachable', 'cannot reach h over SSH'));
  await using telemetry = source({ name: 'h', probe: { ...probe(away), describe: away } });
  expect((await telemetry.describe(io)).hosts).toEqual([{ host: 'h' }]);
  const records = await telemetry.sample(() => 1, io);
  expect(records).toContainEqual(
    expect.objectContaining({ kind: 'error', source: 'host h', code: 'host-unreachable' }),
  );
});
