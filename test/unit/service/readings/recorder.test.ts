import { expect, test } from 'vitest';
import type { ClusterInspector } from '../../../../brokers/driver.ts';
import type { ClusterSnapshot } from '../../../../brokers/snapshot.ts';
import { AppError } from '../../../../core/errors.ts';
import { createLogger } from '../../../../core/log.ts';
import type { HostInventory, HostReading } from '../../../../core/documents/evidence/host-reading.ts';
import { createLagClock } from '../../../../exporter/lag/lag-clock.ts';
import { hearCluster } from '../../../../service/clusters/observed-cluster.ts';
import type { Figure, Part } from '../../../../service/readings/figures.ts';
import { recordReadings } from '../../../../service/readings/recorder.ts';
import { ownFigures } from '../../../../service/readings/read-parts.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { idleCard } from '../../../support/idle-counters.ts';
import { brokerWith, runtimeWith, snapshotWith } from '../../../support/rocketmq-snapshot.ts';

const io = { signal: new AbortController().signal };

function snapshotOf(end: bigint, committed: bigint): ClusterSnapshot {
  const place = { topic: 'pay', partition: 0 };
  return {
    cluster: { name: 'orders', kind: 'kafka', brokers: [{ id: '1', address: 'b:9092' }] },
    topics: [
      { name: 'pay', internal: false, partitions: [{ ...place, leader: '1', replicas: ['1'], inSyncReplicas: ['1'] }] },
    ],
    offsets: [{ ...place, start: 0n, end }],
    groups: [{ name: 'billing', partitions: [{ ...place, start: 0n, end, committed }] }],
    sections: [{ section: 'offsets', broker: '1', kind: 'fresh', durationSeconds: 0.01 }],
  };
}

/** A cluster that is read every 15 s, first at the start of a slot. */
function recorded() {
  const clock = createHandClock();
  clock.advance(Date.UTC(2026, 10, 22) / 1000);
  const startMs = clock.now().getTime();
  const recorder = recordReadings(clock);
  recorder.follow({
    places: new Map([['orders', () => ({ '1': { host: 'mq-1' } })]]),
    everySeconds: 15,
    isShown: () => true,
  });
  const lagClock = createLagClock({ clock, log: createLogger('silent') });
  recorder.useLagClock('orders', lagClock);
  let answer: () => Promise<ClusterSnapshot>;
  const inspector: ClusterInspector = {
    describe: async () => (await answer()).cluster,
    snapshot: () => answer(),
    async [Symbol.asyncDispose]() {},
  };
  const cluster = hearCluster(
    {
      name: 'orders',
      broker: 'kafka',
      domains: [],
      shown: { topics: { deny: [] }, groups: { deny: [] } },
      lookUp: () => Promise.reject(new Error('not asked')),
    },
    clock,
    recorder.noteCluster,
  );
  const reader = cluster.hear(inspector);
  return {
    clock,
    recorder,
    async read(end: number, committed = end) {
      answer = async () => snapshotOf(BigInt(end), BigInt(committed));
      await reader.snapshot(io);
      clock.advance(15);
    },
    async fail(cause: Error) {
      answer = () => Promise.reject(cause);
      await expect(reader.snapshot(io)).rejects.toThrow();
      clock.advance(15);
    },
    /** Returns slots since the start with their rounded means. */
    shown(of: Part, name: string, figure: Figure) {
      const points = recorder.of('orders')?.points({ of, name, figure }, '1h', clock.now().getTime()) ?? [];
      return points.map(({ atMs, mean }) => [(atMs - startMs) / 15_000, Number(mean.toPrecision(3))]);
    },
  };
}

test('rates of cluster, broker, topic and group are recorded as means of their slots', async () => {
  const { read, shown } = recorded();
  for (const end of [0, 1500, 4500]) await read(end);
  for (const [of, name] of [
    ['cluster', ''],
    ['broker', '1'],
    ['topic', 'pay'],
  ] as const) {
    expect(shown(of, name, 'produceTps')).toEqual([
      [1, 100],
      [2, 200],
    ]);
  }
  expect(shown('group', 'billing', 'consumeTps')).toEqual([
    [1, 100],
    [2, 200],
  ]);
});

test('an outage leaves a gap in rates and lag, while the number of answering brokers is 0', async () => {
  const { read, fail, shown } = recorded();
  for (const end of [0, 1500, 3000]) await read(end);
  await fail(new AppError('broker-unreachable', 'nobody answers'));
  await fail(new AppError('broker-unreachable', 'nobody answers'));
  for (const end of [9000, 10_500]) await read(end);
  expect(shown('cluster', '', 'produceTps')).toEqual([
    [1, 100],
    [2, 100],
    [6, 100],
  ]);
  expect(shown('group', 'billing', 'lagMessages').map(([slot]) => slot)).toEqual([0, 1, 2, 5, 6]);
  expect(shown('cluster', '', 'brokersAnswering')).toEqual([
    [0, 1],
    [1, 1],
    [2, 1],
    [3, 0],
    [4, 0],
    [5, 1],
    [6, 1],
  ]);
});

test('a reading that failed for another reason does not count the brokers', async () => {
  const { read, fail, shown } = recorded();
  await read(0);
  await fail(new Error('the password was refused'));
  await read(0);
  expect(shown('cluster', '', 'brokersAnswering')).toEqual([
    [0, 1],
    [2, 1],
  ]);
});

test('lag is recorded in messages and in seconds, as the exporter computes it', async () => {
  const { read, shown } = recorded();
  for (const [end, committed] of [
    [0, 0],
    [1500, 0],
    [3000, 0],
    [4500, 1500],
  ] as const)
    await read(end, committed);
  expect(shown('group', 'billing', 'lagMessages')).toEqual([
    [0, 0],
    [1, 1500],
    [2, 3000],
    [3, 3000],
  ]);
  expect(shown('group', 'billing', 'lagSeconds').at(-1)).toEqual([3, 30]);
});

test('host readings are recorded for the brokers that the config places on the host', () => {
  const { clock, recorder, shown } = recorded();
  const cpus = (user: number, idle: number): HostReading => ({
    cpus: [{ user, nice: 0, system: 0, idle, iowait: 0, irq: 0, softirq: 0, steal: 0 }],
  });
  recorder.noteHost('mq-1', cpus(0, 0), undefined);
  recorder.noteHost('elsewhere', cpus(0, 0), undefined);
  clock.advance(15);
  for (const name of ['mq-1', 'elsewhere']) recorder.noteHost(name, cpus(6, 9), undefined);
  expect(shown('broker', '1', 'cpuRatio')).toEqual([[1, 0.4]]);
  expect(recorder.of('orders')?.names('broker')).toEqual(['1']);
});

test('network use of a host counts only the interfaces that carry traffic of its brokers', () => {
  const { clock, recorder, shown } = recorded();
  const speed = { bitsPerSecond: 8000, source: 'sysfs' };
  const inventory: HostInventory = {
    host: 'mq-1',
    networkDevices: [{ device: 'eth0', speed }],
    knownSpeeds: ['eth0', 'backup0'].map((device) => ({ device, speed })),
  };
  const note = (own: number, backup: number) => {
    const cards = [
      { ...idleCard, receiveBytes: own },
      { ...idleCard, device: 'backup0', receiveBytes: backup },
    ];
    recorder.noteHost('mq-1', { networkDevices: cards }, inventory);
  };
  note(0, 0);
  clock.advance(15);
  note(3000, 12_000);
  expect(shown('broker', '1', 'networkInRatio')).toEqual([[1, 0.2]]);
});

test('host load is unknown for the time that this machine was suspended', () => {
  const { clock, recorder, shown } = recorded();
  const note = (user: number, idle: number) =>
    recorder.noteHost(
      'mq-1',
      { cpus: [{ user, nice: 0, system: 0, idle, iowait: 0, irq: 0, softirq: 0, steal: 0 }] },
      undefined,
    );
  note(0, 0);
  clock.suspend(600);
  clock.advance(15);
  note(600, 15);
  clock.advance(15);
  note(605, 20);
  expect(shown('broker', '1', 'cpuRatio')).toEqual([[42, 0.5]]);
});

test('a cluster removed from the config frees its bytes', async () => {
  const { read, recorder } = recorded();
  for (const end of [0, 1500]) await read(end);
  expect(recorder.usage().bytes).toBeGreaterThan(0);
  recorder.follow({ places: new Map(), everySeconds: 15, isShown: () => true });
  expect([recorder.of('orders'), recorder.usage().bytes]).toEqual([undefined, 0]);
});

test('disk use of a RocketMQ broker is the higher ratio of commit log and consume queues', () => {
  const disks = (changed: Readonly<Record<string, string>>) => {
    const broker = brokerWith({ id: 'broker-a:0', runtime: runtimeWith('5.3.3', changed) });
    return ownFigures(snapshotWith({ brokers: [broker] })).map(({ values }) => values);
  };
  expect(disks({ consumeQueueDiskRatio: '0.91' })).toEqual([{ diskSpaceRatio: 0.91 }]);
  expect(disks({ commitLogDiskRatio: '0.88' })).toEqual([{ diskSpaceRatio: 0.88 }]);
  expect(disks({ commitLogDiskRatio: '-1', consumeQueueDiskRatio: '-1' })).toEqual([]);
});

test('the heap of a Kafka broker whose agent answers is shown even while the cluster does not list it', () => {
  const values = [
    { metric: 'kafka_broker_jvm_memory_max_bytes', labels: ['heap'], value: 100 },
    { metric: 'kafka_broker_jvm_memory_after_gc_bytes', labels: ['G1 Old Gen'], value: 25 },
  ];
  const internals = ['1', '2'].map((broker) => ({ broker, agent: 'jolokia' as const, values, dropped: 0 }));
  const logDirectories = [{ broker: '1', path: '/var/kafka', totalBytes: 100n, usableBytes: 40n }];
  const kafka = { logDirectories, topicSizes: [], topicConfigs: [], zooKeeper: [], internals };
  expect(ownFigures({ ...snapshotOf(1n, 1n), kafka })).toEqual([
    { of: 'broker', name: '1', values: { diskSpaceRatio: 0.6 } },
    { of: 'broker', name: '1', values: { heapRatio: 0.25 } },
    { of: 'broker', name: '2', values: { heapRatio: 0.25 } },
  ]);
});
