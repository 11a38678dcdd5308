import { expect, test } from 'vitest';
import type { ClusterSnapshot } from '../../../../brokers/snapshot.ts';
import { awaitDegraded, hostsLeft, wantedDegraded } from '../../../../app/load-test/degraded.ts';
import type { Clock } from '../../../../core/clock.ts';
import type { Partition } from '../../../../core/cluster.ts';
import { HostsConfig } from '../../../../hosts/config.ts';

const io = { signal: new AbortController().signal };
const replicas = ['1', '2', '3'];
const partition = (leader: string | undefined, inSyncReplicas: string[]): Partition => ({
  topic: 't',
  partition: 0,
  ...(leader !== undefined && { leader }),
  replicas,
  inSyncReplicas,
});
const snapshotOf = (up: readonly string[], partitions: Partition[]): ClusterSnapshot => ({
  cluster: { name: 'lab', kind: 'kafka', brokers: up.map((id) => ({ id, address: `b${id}:9092` })) },
  topics: [{ name: 't', internal: false, partitions }],
  offsets: [],
  groups: [],
  sections: [],
});

/** Returns successive snapshots, the last one repeatedly; sleeping advances the clock. */
function degraded(lost: readonly string[], ...snapshots: ClusterSnapshot[]) {
  return start({ wanted: { lost } }, ...snapshots);
}

function start(
  given: Pick<Parameters<typeof awaitDegraded>[0], 'wanted' | 'recorded'>,
  ...snapshots: ClusterSnapshot[]
) {
  let now = 0;
  const told: string[] = [];
  const clock = { monotonic: () => now, now: () => now, sleep: async (time: number) => void (now += time) };
  const last = snapshots.at(-1) as ClusterSnapshot;
  const inspector = {
    describe: async () => last.cluster,
    snapshot: async () => snapshots.shift() ?? last,
  };
  const parts = {
    ...given,
    topics: ['t'],
    inspector,
    clock: clock as unknown as Clock,
    tell: (text: string) => void told.push(text),
  };
  return { told, started: awaitDegraded(parts, io) };
}

test('waits until the broker is down and another leads, and counts the remaining copies', async () => {
  const { told, started } = degraded(
    ['2'],
    snapshotOf(['1', '2', '3'], [partition('2', replicas)]),
    snapshotOf(['1', '3'], [partition(undefined, ['1', '3'])]),
    snapshotOf(['1', '3'], [partition('1', ['1', '3'])]),
  );
  expect(await started).toEqual({ lost: ['2'], waitedSeconds: 2, copies: 2 });
  expect(told).toEqual([
    '--degraded: waiting, since broker 2 is up',
    '--degraded: waiting, since 1 partitions have no leader',
  ]);
});

test('continues at once if the broker is already down', async () => {
  const { started } = degraded(['2'], snapshotOf(['1', '3'], [partition('3', ['1', '3'])]));
  expect(await started).toMatchObject({ waitedSeconds: 0 });
});

test('a resumed run waits until the broker is down again, and keeps the facts recorded at its start', async () => {
  const recorded = { lost: ['2'], waitedSeconds: 7, copies: 1.5 };
  const up = snapshotOf(['1', '2', '3'], [partition('2', replicas)]);
  const down = snapshotOf(['1', '3'], [partition('1', ['1', '3'])]);
  const { told, started } = start({ wanted: { lost: ['2'] }, recorded }, up, down);
  expect(await started).toEqual(recorded);
  expect(told).toEqual(['--degraded: waiting, since broker 2 is up']);
  await expect(start({ wanted: { lost: ['2'] }, recorded }, up).started).rejects.toMatchObject({ code: 'not-ready' });
});

test('names a broker that stays up', async () => {
  const { started } = degraded(['2'], snapshotOf(['1', '2', '3'], [partition('1', replicas)]));
  await expect(started).rejects.toThrow('--degraded: broker 2 is up after 180 s');
});

test('rejects a missing topic, because all its replicas would be on the remaining brokers', async () => {
  const { started } = degraded(['2'], { ...snapshotOf(['1', '3'], []), topics: [] });
  await expect(started).rejects.toThrow('--degraded needs an existing topic; missing: t');
});

test('rejects a broker without a replica of the topic', async () => {
  const { started } = degraded(['7'], snapshotOf(['1', '2', '3'], [partition('1', replicas)]));
  await expect(started).rejects.toThrow('broker 7 has no replica of the topic');
});

test('counts a broker that is named twice once', async () => {
  expect(await wantedDegraded({ degraded: ['2', '2', '3'] }, io)).toEqual({ lost: ['2', '3'] });
});

/** The brokers as a name server lists them; a group that was stopped completely has no queues. */
const ofRocketmq = (...up: string[]): ClusterSnapshot => {
  const groups = Map.groupBy(up, (id) => id.replace(/:.*/, ''));
  return {
    ...snapshotOf([], []),
    cluster: { name: 'lab', kind: 'rocketmq', brokers: up.map((id) => ({ id, address: `${id}:10911` })) },
    topics: [
      {
        name: 't',
        internal: false,
        partitions: [...groups].map(([brokerName, members]) => ({
          topic: 't',
          partition: 0,
          brokerName,
          replicas: members,
          inSyncReplicas: members,
          ...(members.includes(`${brokerName}:0`) && { leader: `${brokerName}:0` }),
        })),
      },
    ],
  };
};

test('rejects the name of a RocketMQ group, because one of its brokers may be up', async () => {
  const { started } = degraded(['broker-a', 'broker-b:0'], ofRocketmq('broker-a:0', 'broker-c:0'));
  await expect(started).rejects.toMatchObject({
    message: '--degraded: broker-a has no broker id',
    hint: 'name a broker as broker-a:0; brokers listed: broker-a:0, broker-c:0',
  });
});

test('does not wait for a RocketMQ group that was stopped completely', async () => {
  const { started } = degraded(['broker-a:0', 'broker-a:1'], ofRocketmq('broker-b:0', 'broker-b:1'));
  expect(await started).toMatchObject({ waitedSeconds: 0 });
});

test('a lost master of a group with other members counts as down once none of these was elected', async () => {
  const { told, started } = degraded(
    ['broker-a:0'],
    ofRocketmq('broker-a:0', 'broker-a:1', 'broker-b:0'),
    ofRocketmq('broker-a:1', 'broker-b:0'),
  );
  expect(await started).toMatchObject({ lost: ['broker-a:0'], waitedSeconds: 41 });
  expect(told).toEqual([
    '--degraded: waiting, since broker broker-a:0 is up',
    '--degraded: waiting, since broker-a may elect a master',
  ]);
});

test('an elected master takes the id of the lost one, and the error names the id to use', async () => {
  const { started } = degraded(
    ['broker-a:0'],
    ofRocketmq('broker-a:0', 'broker-a:1', 'broker-a:2'),
    ofRocketmq('broker-a:1', 'broker-a:2'),
    ofRocketmq('broker-a:0', 'broker-a:2'),
  );
  await expect(started).rejects.toMatchObject({
    message: '--degraded: broker broker-a:0 is up after 180 s',
    hint: expect.stringContaining('if its group elected another master, name the id that is no longer listed'),
  });
  const { started: named } = degraded(['broker-a:1'], ofRocketmq('broker-a:0', 'broker-a:2'));
  expect(await named).toMatchObject({ lost: ['broker-a:1'], waitedSeconds: 0 });
});

test('warns about an id that is not listed and may never have been', async () => {
  const { told, started } = degraded(['broker-a:1'], ofRocketmq('broker-a:0', 'broker-a:2', 'broker-a:3'));
  expect(await started).toMatchObject({ waitedSeconds: 0 });
  expect(told).toEqual(['--degraded: broker-a:1 is not listed: check that it is the id of a broker that was stopped']);
});

test('resumes a run that an older version recorded with the name of a group', async () => {
  const recorded = { lost: ['broker-a'], waitedSeconds: 7, copies: 1 };
  const { started } = start({ wanted: { lost: ['broker-a'] }, recorded }, ofRocketmq('broker-b:0'));
  expect(await started).toEqual(recorded);
});

test('finds the host of an elected master by its address, whatever the config has for the id', () => {
  const hosts = HostsConfig.parse(
    Object.fromEntries(
      ['h1', 'h2', 'h3'].map((host, index) => [host, { probe: 'local', addresses: [`10.0.0.${index + 1}`] }]),
    ),
  );
  const stated = {
    'broker-a:0': { host: 'h1' },
    'broker-a:1': { host: 'h2', process: 'second' },
    'broker-a:2': { host: 'h3' },
  };
  const left = [
    { id: 'broker-a:0', address: '10.0.0.2:10911' },
    { id: 'broker-a:2', address: '10.0.0.3:10911' },
  ];
  const expected = { 'broker-a:0': { host: 'h2', process: 'second' }, 'broker-a:2': { host: 'h3' } };
  // The master was elected before the run.
  const given = { before: left, left, lost: ['broker-a:1'] };
  expect(hostsLeft(given, { broker: 'rocketmq', brokers: stated }, hosts)).toEqual(expected);
  expect(hostsLeft(given, { broker: 'rocketmq', brokers: {} }, hosts)).toEqual({
    'broker-a:0': { host: 'h2' },
    'broker-a:2': { host: 'h3' },
  });
  // The process of another group is another broker.
  const shared = { 'broker-b:0': { host: 'h2', process: 'other' }, ...stated };
  expect(hostsLeft(given, { broker: 'rocketmq', brokers: shared }, hosts)).toEqual(expected);
  const { 'broker-a:1': _, ...unstated } = shared;
  expect(hostsLeft(given, { broker: 'rocketmq', brokers: unstated }, hosts)['broker-a:0']).toEqual({ host: 'h2' });
  // Addresses of Kafka may be those of a load balancer.
  const kafka = { broker: 'kafka' as const, brokers: { '1': { host: 'h1' }, '2': { host: 'h2' } } };
  const ofKafka = [{ id: '1', address: '10.0.0.2:9092' }];
  expect(hostsLeft({ before: ofKafka, left: ofKafka, lost: ['2'] }, kafka, hosts)).toEqual({ '1': { host: 'h1' } });
});

test('without addresses of hosts, the host of an elected master is that of its former id', () => {
  const hosts = HostsConfig.parse(
    Object.fromEntries(
      ['m1', 'm2', 'm3'].map((host) => [host, { probe: 'ssh', address: `${host}.example`, agent: true, user: 'x' }]),
    ),
  );
  const brokers = { 'broker-a:0': { host: 'm1' }, 'broker-a:2': { host: 'm2' }, 'broker-a:3': { host: 'm3' } };
  const of = (addresses: Readonly<Record<string, string>>) =>
    Object.entries(addresses).map(([id, address]) => ({ id, address: `${address}:10911` }));
  const hostsOf = (before: ReturnType<typeof of>, left: ReturnType<typeof of>, lost: string[]) =>
    hostsLeft({ before, left, lost }, { broker: 'rocketmq', brokers }, hosts);
  const all = of({ 'broker-a:0': '10.0.0.1', 'broker-a:2': '10.0.0.2', 'broker-a:3': '10.0.0.3' });
  const since = of({ 'broker-a:0': '10.0.0.2', 'broker-a:3': '10.0.0.3' });
  const m3 = { 'broker-a:3': { host: 'm3' } };
  expect(hostsOf(all, since, ['broker-a:2'])).toEqual({ 'broker-a:0': { host: 'm2' }, ...m3 });
  // The master was elected before the run, or not at all: only the config is known.
  expect(hostsOf(since, since, ['broker-a:2'])).toEqual({ 'broker-a:0': { host: 'm1' }, ...m3 });
  const [, ...followers] = all;
  expect(hostsOf(followers, since.slice(0, 1), ['broker-a:3'])).toEqual({ 'broker-a:0': { host: 'm2' } });
  expect(hostsOf([], since, ['broker-a:2'])).toEqual(m3);
  // Only a follower was stopped.
  const [first, , third] = all;
  if (first === undefined || third === undefined) throw new Error('no brokers');
  expect(hostsOf(all, [first, third], ['broker-a:2'])).toEqual({ 'broker-a:0': { host: 'm1' }, ...m3 });
  expect(hostsOf(since, since, ['broker-b:0'])).toEqual({ 'broker-a:0': { host: 'm1' }, ...m3 });
});

test('a tunnel on the loopback does not identify the host of a broker', () => {
  const hosts = HostsConfig.parse({
    generator: { probe: 'local' },
    m2: { probe: 'ssh', address: 'm2.example', agent: true, user: 'x' },
  });
  const brokers = { 'broker-a:1': { host: 'm2', process: 'second' } };
  const left = [{ id: 'broker-a:1', address: '127.0.0.1:10911' }];
  const given = { before: left, left, lost: ['broker-a:0'] };
  expect(hostsLeft(given, { broker: 'rocketmq', brokers }, hosts)).toEqual(brokers);
});
