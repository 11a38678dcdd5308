import { expect, test } from 'vitest';
import { lookAtBrokers } from '../../../../app/load-test/broker-coverage.ts';
import { readBrokerLimits } from '../../../../app/load-test/broker-settings.ts';
import { createTelemetrySource } from '../../../../app/load-test/telemetry/telemetry.ts';
import { describedOnce, settingsOnce } from '../../../../app/observe/read-once.ts';
import { KafkaClusterConfig } from '../../../../brokers/kafka/config.ts';
import type { ClusterInspector } from '../../../../brokers/driver.ts';
import type { ClusterLookup } from '../../../../brokers/lookup.ts';
import type { Cluster } from '../../../../core/cluster.ts';
import { AppError } from '../../../../core/errors.ts';
import { systemClock } from '../../../../core/clock.ts';
import { HostsConfig } from '../../../../hosts/config.ts';
import type { HostProbe } from '../../../../hosts/probe.ts';
import { clusterCheckStamp } from '../../../../app/load-test/carry-out.ts';

const io = { signal: new AbortController().signal };
const cluster: Cluster = { name: 'lab', kind: 'kafka', brokers: [{ id: '1', address: '127.0.0.1:9092' }] };
const config = KafkaClusterConfig.parse({
  broker: 'kafka',
  bootstrap: ['127.0.0.1:9092'],
  brokers: { '1': { host: 'mq-1' } },
});

/** A cluster and a machine that count requests. */
function counted() {
  const counts: Record<string, number> = {};
  const count = (what: string) => void (counts[what] = (counts[what] ?? 0) + 1);
  const inspector: ClusterInspector = {
    async describe() {
      count('describe');
      return cluster;
    },
    async snapshot() {
      count('snapshot');
      const sections = [{ section: 'offsets', broker: '1', kind: 'fresh' } as const];
      return { cluster, topics: [], offsets: [], groups: [], sections };
    },
    [Symbol.asyncDispose]: async () => {},
  };
  const notTold = async () => ({ kind: 'unanswered' as const, reason: 'a fake' });
  const lookup = {
    async settings() {
      count('settings');
      const differences = [{ of: 'broker', setting: 'log.dirs', sides: { '1': '/a', '2': '/b' } }];
      return { processes: [], differences, notices: [] };
    },
    topicSettings: notTold,
    producers: notTold,
    [Symbol.asyncDispose]: async () => {},
  } as unknown as ClusterLookup;
  const probe: HostProbe = {
    async describe() {
      count('machine');
      return { host: 'mq-1' };
    },
    async sample() {
      count('sample');
      return { uptimeSeconds: 7 };
    },
    [Symbol.asyncDispose]: async () => {},
  };
  return { counts, inspector: describedOnce(inspector), lookup: settingsOnce(lookup), probe };
}

test('before a run, describes and reads the cluster and its settings once, with one login per host', async () => {
  const { counts, inspector, lookup, probe } = counted();
  // No server listens there: opening another session would fail.
  const hosts = HostsConfig.parse({
    'mq-1': { probe: 'ssh', address: '127.0.0.1:1', user: 'nobody', privateKeyFile: '/none', knownHostsFile: '/none' },
  });
  const probes = new Map([['mq-1', probe]]);
  await inspector.describe(io);
  const { brokers, snapshot, machines } = await lookAtBrokers(
    { inspector, stated: config.brokers, hosts, probes, stateDirectory: '', clock: systemClock },
    io,
  );
  await readBrokerLimits(lookup, [], io);
  const told: string[] = [];
  const stamp = await clusterCheckStamp(
    {
      name: 'lab',
      args: ' --config lab.yaml --cluster lab',
      config,
      inspector,
      lookup,
      ...(snapshot && { snapshot }),
      machines,
      hosts,
      probes,
      clock: systemClock,
      tell: (text) => void told.push(text),
    },
    io,
  );
  const telemetry = createTelemetrySource({
    cluster: 'lab',
    inspector,
    brokerHosts: config.brokers,
    hosts: [{ name: 'mq-1', probe }],
    generatorHost: 'mq-1',
    topics: [],
    groups: new Map(),
    clock: systemClock,
  });
  await telemetry.describe(io);
  expect(brokers[0]).toMatchObject({ broker: '1', host: 'mq-1', inventory: { host: 'mq-1' } });
  expect(stamp?.findings.map(({ fix }) => fix)).toContainEqual(
    expect.stringContaining('plimsoll get config --config lab.yaml --cluster lab #'),
  );
  expect(told).toContainEqual(expect.stringContaining('`plimsoll cluster check --config lab.yaml --cluster lab`'));
  expect(counts).toMatchObject({ describe: 1, snapshot: 1, settings: 1, sample: 1 });
});

test('retries a description that failed', async () => {
  let asked = 0;
  const inspector = describedOnce({
    async describe() {
      asked += 1;
      if (asked === 1) throw new AppError('broker-unreachable', 'away');
      return cluster;
    },
    snapshot: () => Promise.reject(new Error('not read here')),
    [Symbol.asyncDispose]: async () => {},
  });
  await expect(inspector.describe(io)).rejects.toThrow('away');
  expect(await inspector.describe(io)).toBe(cluster);
});
