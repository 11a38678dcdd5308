import { expect, test } from 'vitest';
import { createLoadGuard } from '../../../../app/load-test/load-guard.ts';
import { createTelemetrySource } from '../../../../app/load-test/telemetry/telemetry.ts';
import { watchedStores } from '../../../../app/load-test/watched-stores.ts';
import { lookAtBrokers } from '../../../../app/load-test/broker-coverage.ts';
import { ClusterConfig } from '../../../../brokers/config.ts';
import { driverOf } from '../../../../brokers/registry.ts';
import { startFakeCluster } from '../../../support/fake-name-server.ts';
import type { ClusterInspector } from '../../../../brokers/driver.ts';
import { withLast } from '../../../../app/observe/read-once.ts';
import { type Clock, seconds, systemClock } from '../../../../core/clock.ts';
import type { JournalLine } from '../../../../core/documents/run-bundle.ts';
import type { HostReading } from '../../../../core/documents/evidence/host-reading.ts';
import { AppError, endOfWait } from '../../../../core/errors.ts';
import { LoadTestPermission } from '../../../../core/policy/load-test-permission.ts';
import type { HostProbe } from '../../../../hosts/probe.ts';
import { GuardConfig } from '../../../../loadgen/guard/config.ts';
import type { Breach } from '../../../../loadgen/guard/guard.ts';
import { createPlan } from '../../../../loadgen/plan/plan.ts';
import { completeWorkload } from '../../../../loadgen/plan/workload.ts';
import { createLatencyRecorder } from '../../../../loadgen/record/latency.ts';
import { examplePolicy } from '../../../support/example-policy.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { idleCard } from '../../../support/idle-counters.ts';

const io = { signal: new AbortController().signal };
const unused = { last: () => undefined };
const withFree = (availableBytes: number): HostReading => ({
  fileSystems: [
    {
      device: '/dev/vda1',
      mountpoint: '/',
      type: 'ext4',
      isReadOnly: false,
      size: { totalBytes: 100, freeBytes: availableBytes, availableBytes, files: 100, filesFree: 90 },
    },
  ],
});

/** The read timeout never expires, and pauses end immediately. */
const clock: Clock = {
  ...createHandClock(),
  sleep: (_, { signal } = {}) =>
    new Promise((resolve, reject) => {
      setTimeout(resolve, 5);
      signal?.addEventListener('abort', () => reject(signal.reason as Error));
    }),
};

const permission = LoadTestPermission.parse({
  approver: 'ops',
  topicPrefix: 'plimsoll-',
  maxTps: 1000,
  maxNicShare: 0.5,
  window: 'always',
});

/** A machine with these successive readings; the last one repeats. */
async function guardOf(readings: readonly (HostReading | AppError)[], brokers = ['1']) {
  let read = 0;
  const probe: HostProbe = {
    describe: async () => ({ host: 'mq-1' }),
    async sample() {
      const reading = readings[Math.min(read++, readings.length - 1)] ?? {};
      if (reading instanceof AppError) throw reading;
      return reading;
    },
    async [Symbol.asyncDispose]() {},
  };
  const notices: string[] = [];
  await createLoadGuard(
    {
      config: GuardConfig.parse({}),
      permission,
      environment: { hosts: [], brokers: [] },
      stores: brokers.map((broker) => ({ broker, paths: ['/data'], probe })),
      inspector: unused,
      groups: [],
      directory: '/none',
      clock,
      onNotice: (text) => notices.push(text),
    },
    io,
  );
  return { notices, readings: () => read };
}

test('retries a disk that cannot be read at first, and then guards it', async () => {
  const { notices, readings } = await guardOf([new AppError('host-unreadable', 'busy'), {}, withFree(50)]);
  expect(notices).toEqual([]);
  expect(readings()).toBe(3);
});

test('reports a disk that cannot be read three times as not monitored', async () => {
  const unread = await guardOf([new AppError('host-unreadable', 'cannot read host mq-1: permission denied')]);
  expect(unread.notices).toEqual(['broker 1: free disk not monitored: cannot read host mq-1: permission denied']);
  const absent = await guardOf([{ unread: { fileSystems: 'df timed out' } }]);
  expect(absent.notices).toEqual(['broker 1: free disk not monitored: df timed out']);
});

test('brokers on one machine share a reading of its file systems', async () => {
  const { readings } = await guardOf([withFree(50)], ['1', '2', '3', '4']);
  expect(readings()).toBe(1);
});

test('refuses the run if a disk is already full', async () => {
  await expect(guardOf([withFree(2)])).rejects.toMatchObject({ code: 'load-stopped' });
});

/** Twenty times as fast as real time. */
const fastClock: Clock = {
  ...systemClock,
  monotonic: () => seconds(systemClock.monotonic() * 20),
  sleep: (duration, its) => systemClock.sleep(seconds(duration / 20), its),
};

test('without a host, a RocketMQ broker is guarded by the use of its disks that it reports, while it answers', async () => {
  await using cluster = await startFakeCluster('DefaultCluster');
  const clusterConfig = ClusterConfig.parse({ broker: 'rocketmq', namesrv: [cluster.namesrv] });
  await using opened = await driverOf(clusterConfig).inspect('trade', clusterConfig, io);
  const inspector = withLast(opened);
  const look = { inspector, stated: {}, hosts: {}, stateDirectory: '/none', clock: systemClock };
  const { brokers } = await lookAtBrokers(look, io);
  const settings = { stores: [{ broker: 'broker-a:0', paths: ['/store'] }], processes: [], reasons: undefined };
  const { stores, unwatched } = watchedStores(brokers, settings, new Map());
  expect(unwatched).toEqual([]);
  const requests = cluster.codes().length;
  const notices: string[] = [];
  const guardWith = (freeDisk: string) =>
    createLoadGuard(
      {
        config: GuardConfig.parse({ freeDisk }),
        permission,
        environment: { hosts: [], brokers: [] },
        stores,
        inspector,
        groups: [],
        directory: '/none',
        clock: fastClock,
        onNotice: (text) => notices.push(text),
      },
      io,
    );
  const guard = await guardWith('5%');
  expect(notices).toEqual([]);
  await expect(guardWith('99%')).rejects.toThrow(
    /free share of the disk of broker broker-a:0 .* is 0\.\d+, below 0\.99/,
  );
  expect(cluster.codes()).toHaveLength(requests);
  await cluster[Symbol.asyncDispose]();
  expect((await inspector.snapshot(io)).sections).toContainEqual(
    expect.objectContaining({ section: 'runtime', kind: 'kept' }),
  );
  const breaches: Breach[] = [];
  const over = new AbortController();
  const watching = guard.watch({ signal: over.signal, onBreach: (breach) => breaches.push(breach) });
  await fastClock.sleep(seconds(40));
  over.abort();
  await watching;
  expect(breaches).toEqual([]);
});

/** The journal lines that one worker reports each second. */
const secondOf = (second: number, group: string, { sent, read }: { sent: number; read: number }): JournalLine[] => {
  const common = { elapsedSeconds: second + 1, intervalSeconds: 1, bytes: 0, eventLoopUtilisation: 0, cpuSeconds: 0 };
  const { take } = createLatencyRecorder();
  return [
    {
      kind: 'produced',
      ...common,
      worker: 'producer-0',
      intended: sent,
      sent,
      acknowledged: sent,
      failed: 0,
      requests: 1,
      latency: take(),
      sendDelay: take(),
      eventLoopDelayMaxSeconds: 0,
    },
    { kind: 'consumed', ...common, worker: 'consumer-0', group, messages: read, endToEnd: take(), negativeSamples: 0 },
  ];
};

test('the lag of a group is summed over all topics of the run', async () => {
  const plan = createPlan({
    id: 'run-1',
    cluster: { name: 'lab', broker: 'kafka', config: {} },
    workload: completeWorkload(undefined, { messageSize: '500B', rates: [100], topics: 3, groups: 1 }),
    keepTopic: false,
    policy: examplePolicy(),
  });
  const guard = await createLoadGuard(
    {
      config: GuardConfig.parse({ lagMessages: 50 }),
      permission,
      environment: { hosts: [], brokers: [] },
      stores: [],
      inspector: unused,
      groups: plan.groups,
      directory: '/none',
      clock,
    },
    io,
  );
  const breaches: Breach[] = [];
  const over = new AbortController();
  void guard.watch({ signal: over.signal, onBreach: (breach) => breaches.push(breach) }).catch(endOfWait);
  const group = plan.groups[0]?.name ?? '';
  for (const second of [0, 1, 2]) guard.observe(secondOf(second, group, { sent: 100, read: 100 }));
  guard.completeSecond();
  expect(breaches).toEqual([]);
  guard.observe(secondOf(3, group, { sent: 100, read: 20 }));
  guard.completeSecond();
  over.abort();
  expect(breaches).toEqual([expect.objectContaining({ input: 'lagMessages', value: 80 })]);
});

const cluster = { name: 'lab', kind: 'kafka' as const, brokers: [{ id: '1', address: 'mq-1:9092' }] };
const inspector: ClusterInspector = {
  describe: async () => cluster,
  snapshot: async () => ({ cluster, topics: [], offsets: [], groups: [], sections: [] }),
  async [Symbol.asyncDispose]() {},
};

/**
 * Reads a link of 1,000 bytes a second once a second.
 * @param lateness seconds between the counters of a reading and its stamp
 * @param shareAt share of the link that is in use in each second
 * @param failsFrom the host cannot be read from this second on
 */
async function linkBreaches(lateness: readonly number[], shareAt: (second: number) => number, failsFrom = Infinity) {
  let now = 0;
  let reading = 0;
  const speed = { bitsPerSecond: 8000, source: 'config' };
  const probe: HostProbe = {
    describe: async () => ({ host: 'mq-1', networkDevices: [{ device: 'eth0', speed }] }),
    async sample() {
      if (now >= failsFrom) throw new AppError('host-unreachable', 'cannot reach mq-1');
      let receiveBytes = 0;
      for (let second = 0; second < now; second++) receiveBytes += 1000 * shareAt(second);
      now += lateness[reading++] ?? 0;
      return { networkDevices: [{ ...idleCard, receiveBytes }] };
    },
    async [Symbol.asyncDispose]() {},
  };
  const running = { ...clock, monotonic: () => seconds(now) };
  await using telemetry = createTelemetrySource({
    cluster: 'lab',
    inspector,
    brokerHosts: { '1': { host: 'mq-1' } },
    hosts: [{ name: 'mq-1', probe }],
    generatorHost: 'generator',
    topics: [],
    groups: new Map(),
    clock: running,
  });
  const environment = await telemetry.describe(io);
  const config = GuardConfig.parse({});
  const guard = await createLoadGuard(
    { config, permission, environment, stores: [], inspector: unused, groups: [], directory: '/none', clock: running },
    io,
  );
  const breaches: (Breach & { second: number })[] = [];
  const over = new AbortController();
  const onBreach = (breach: Breach) => void breaches.push({ ...breach, second: Math.floor(now) });
  void guard.watch({ signal: over.signal, onBreach }).catch(endOfWait);
  for (const second of lateness.keys()) {
    now = second;
    guard.see(await telemetry.sample(() => now, io));
  }
  over.abort();
  return breaches;
}

test('irregular read times of a link do not increase its measured use', async () => {
  for (const lateness of [
    [0, 0, 0.5, 0, 0, 0.85, 0, 0],
    [0, 0, 0.85, 0.5, 0.2, 0, 0],
    [0.85, 0, 0, 0.85, 0],
  ]) {
    expect(await linkBreaches(lateness, () => 0.35)).toEqual([]);
  }
});

test('a saturated link stops the load at the next timely reading', async () => {
  const flood = (second: number) => (second >= 4 ? 1 : 0.35);
  const [inTime] = await linkBreaches([0, 0, 0, 0, 0, 0, 0, 0], flood);
  expect(inTime).toMatchObject({ input: 'maxNicShare of mq-1', second: 5, ends: 'trial' });
  expect(inTime?.value).toBeCloseTo(1, 6);
  const [late] = await linkBreaches([0, 0, 0, 0, 0, 0.85, 0, 0], flood);
  expect(late?.second).toBeLessThanOrEqual(6);
});

test('a link whose host can no longer be read stops the load after 30 s', async () => {
  const forty = Array.from({ length: 40 }, () => 0);
  const [first] = await linkBreaches(forty, () => 0.1, 5);
  expect(first).toEqual({
    input: 'maxNicShare of mq-1',
    reason: 'the link use of mq-1 was not measured for 31 s',
    ends: 'run',
    second: 35,
  });
  expect(await linkBreaches(forty, () => 0.1, 0)).toEqual([]);
});
