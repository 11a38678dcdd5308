import { expect, test } from 'vitest';
import type { Cluster } from '../../../../core/cluster.ts';
import type { ClusterInspector } from '../../../../brokers/driver.ts';
import type { Section } from '../../../../brokers/snapshot.ts';
import { lookAtBrokers } from '../../../../app/load-test/broker-coverage.ts';
import { systemClock } from '../../../../core/clock.ts';
import type { HostReading } from '../../../../core/documents/evidence/host-reading.ts';
import type { RunningProcess } from '../../../../core/documents/evidence/process-reading.ts';
import { HostsConfig } from '../../../../hosts/config.ts';
import type { HostProbe } from '../../../../hosts/probe.ts';

const cluster: Cluster = { name: 'lab', kind: 'kafka', brokers: [{ id: '1', address: '127.0.0.1:9092' }] };
const fresh: Section = { section: 'offsets', broker: '1', kind: 'fresh' };
const missing: Section = { section: 'offsets', broker: '1', kind: 'missing' };

/** @param told sum of the broker's offsets, reading by reading */
async function look(...told: readonly Section[]) {
  let reads = 0;
  const inspector: ClusterInspector = {
    describe: async () => cluster,
    snapshot: async () => ({ cluster, topics: [], offsets: [], groups: [], sections: [told[reads++] ?? missing] }),
    [Symbol.asyncDispose]: async () => {},
  };
  const parts = { inspector, stated: {}, hosts: {}, stateDirectory: '', clock: systemClock };
  const { brokers } = await lookAtBrokers(parts, { signal: new AbortController().signal });
  return { reads, rateAgeSeconds: brokers[0]?.rateAgeSeconds };
}

test('sends one request to a broker that reported its offsets', async () =>
  expect(await look(fresh)).toEqual({ reads: 1, rateAgeSeconds: 0 }));
test('retries a broker that missed its first deadline', async () =>
  expect(await look(missing, fresh)).toEqual({ reads: 2, rateAgeSeconds: 0 }));
test('a broker that misses two requests has no metrics', async () =>
  expect(await look(missing, missing, fresh)).toEqual({ reads: 2, rateAgeSeconds: undefined }));

test('a broker that was lost between description and snapshot is listed, and one that was lost before is not', async () => {
  const described = { ...cluster, brokers: ['1', '2'].map((id) => ({ id, address: `127.0.0.1:909${id}` })) };
  const partition = { topic: 'orders', partition: 0, replicas: ['1', '2', '3'], inSyncReplicas: ['1'] };
  const topics = [{ name: 'orders', internal: false, partitions: [partition] }];
  const inspector: ClusterInspector = {
    describe: async () => described,
    snapshot: async () => ({ cluster, topics, offsets: [], groups: [], sections: [fresh] }),
    [Symbol.asyncDispose]: async () => {},
  };
  const parts = { inspector, stated: {}, hosts: {}, stateDirectory: '', clock: systemClock };
  const { brokers, unlisted } = await lookAtBrokers(parts, { signal: new AbortController().signal });
  expect([brokers.map(({ broker }) => broker), unlisted]).toEqual([['1', '2'], ['3']]);
});

type ProcessFacts = Pick<RunningProcess, 'cgroup' | 'allowedCpus' | 'isContained'> & { ports: readonly number[] };

/** @param processes of the one machine of 16 cores, by name */
async function covered(processes: Readonly<Record<string, ProcessFacts>>) {
  const running = Object.entries(processes).map(([name, process]) => ({
    state: 'running',
    name,
    restarts: 0,
    process: { ...process, jvm: { flags: [] } },
  }));
  const probe: HostProbe = {
    describe: async () => ({ host: 'mq-1' }),
    sample: async () => ({ cpus: Array.from({ length: 16 }), processes: running }) as unknown as HostReading,
    [Symbol.asyncDispose]: async () => {},
  };
  const inspector: ClusterInspector = {
    describe: async () => cluster,
    snapshot: async () => ({ cluster, topics: [], offsets: [], groups: [], sections: [fresh] }),
    [Symbol.asyncDispose]: async () => {},
  };
  const hosts = HostsConfig.parse({ 'mq-1': { probe: 'local' } });
  const places = { stated: { '1': { host: 'mq-1' } }, hosts, probes: new Map([['mq-1', probe]]) };
  const { brokers } = await lookAtBrokers(
    { inspector, ...places, stateDirectory: '', clock: systemClock },
    { signal: new AbortController().signal },
  );
  const { process, isContained, cpuLimitCores, allowedCpus } = brokers[0] ?? {};
  return { process, isContained, cpuLimitCores, allowedCpus };
}

test('a broker is in a container if its process is, or if all processes of its host are and it is not recognized', async () => {
  const outside = { ports: [9876] };
  const contained = { ports: [9092], isContained: true } as const;
  const hidden = { ...contained, ports: [] };
  expect(await covered({ kafka: contained, other: outside })).toEqual({ process: 'kafka', isContained: true });
  expect(await covered({ kafka: { ports: [9092] }, other: hidden })).toEqual({ process: 'kafka' });
  expect(await covered({ a: hidden, b: hidden })).toEqual({ isContained: true });
  expect(await covered({ a: hidden, b: outside })).toEqual({});
});

test('reads both the CPU quota and the allowed CPUs of a broker, and ignores a set of all CPUs', async () => {
  const limitsOf = async (facts: Omit<ProcessFacts, 'ports'>) => {
    const { cpuLimitCores, allowedCpus } = await covered({ kafka: { ports: [9092], ...facts } });
    return [cpuLimitCores, allowedCpus];
  };
  expect(await limitsOf({ allowedCpus: 4, cgroup: { cpuLimitCores: 2.5 } })).toEqual([2.5, 4]);
  expect(await limitsOf({ allowedCpus: 16 })).toEqual([undefined, 16]);
  // The set of allowed CPUs may include CPUs that the machine does not have.
  expect(await limitsOf({ allowedCpus: 128 })).toEqual([undefined, 16]);
});
