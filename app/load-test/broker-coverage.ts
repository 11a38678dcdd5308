// Reads which metrics are available for each broker and its host before a load test.

import type { ClusterInspector } from '../../brokers/driver.ts';
import { unlistedBrokers } from '../../brokers/broker-answers.ts';
import { isOnOtherDisks, reportedDisks, usedDiskRatio } from '../../brokers/reported-disks.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { isInContainer, joinBrokers, type ConfiguredHosts } from '../../core/broker-hosts.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { HostReading } from '../../core/documents/evidence/host-reading.ts';
import type { RunningProcess } from '../../core/documents/evidence/process-reading.ts';
import type { HostsConfig } from '../../hosts/config.ts';
import type { HostProbe } from '../../hosts/probe.ts';
import { openHost } from '../../hosts/registry.ts';
import { oldestSeconds, type BrokerCoverage } from '../../loadgen/guard/readiness.ts';
import { addressedHost } from '../observe/host-names.ts';
import { readMachine, readWithin, type MachineReading } from '../observe/machine-reading.ts';

/** Sections that contain the traffic of a broker. */
const rateSections: ReadonlySet<string> = new Set(['offsets', 'runtime']);

/** A busy host takes longer on the first connection than its figures may be old. */
const patienceSeconds = 2 * oldestSeconds;

export type LoadCoverage = Awaited<ReturnType<typeof lookAtBrokers>>;

/**
 * @returns the coverage of each listed broker, where missing parts are absent with a reason; ids of brokers that hold
 *   replicas and are not listed; the snapshot, if the cluster responded in time; and the hosts that could be read
 * @param parts.probes already open probes; other hosts are opened for this reading
 */
export async function lookAtBrokers(
  parts: {
    inspector: ClusterInspector;
    stated: ConfiguredHosts;
    hosts: HostsConfig;
    probes?: ReadonlyMap<string, HostProbe>;
    stateDirectory: string;
    clock: Clock;
  },
  { signal }: { signal: AbortSignal },
) {
  const { inspector, stated, hosts, probes = new Map<string, HostProbe>(), stateDirectory, clock } = parts;
  const io = { signal: AbortSignal.any([signal, AbortSignal.timeout(patienceSeconds * 1000)]) };
  const machines = new Map<string, MachineReading>();
  await using opened = new AsyncDisposableStack();
  const readSnapshot = () =>
    inspector.snapshot(io).catch((cause: unknown) => {
      signal.throwIfAborted();
      if (!(cause instanceof AppError) && !io.signal.aborted) throw cause;
      return undefined;
    });
  const [cluster, first, seen] = await Promise.all([
    inspector.describe({ signal }),
    readSnapshot(),
    Promise.all(
      Object.entries(hosts).map(
        async ([host, config]): Promise<{ host: string; trouble?: string } & Partial<MachineReading>> => {
          const probe = probes.get(host) ?? opened.use(openHost(host, config, { stateDirectory }));
          const machine = await readWithin(host, patienceSeconds, { signal }, (its) => readMachine(probe, clock, its));
          if (!('trouble' in machine)) machines.set(host, machine);
          return { host, ...machine };
        },
      ),
    ),
  ]);
  const { brokers } = cluster;
  // A briefly busy broker misses its deadline once; an unavailable one misses it twice.
  const isWhole = brokers.every(({ id }) => rateAgeOf(id, first) !== undefined);
  const snapshot = isWhole || io.signal.aborted ? first : ((await readSnapshot()) ?? first);
  const joined = joinBrokers(
    brokers,
    seen.map((each) => addressedHost(each.host, hosts[each.host], each)),
    stated,
  );
  const now = clock.monotonic();
  const coverages = brokers.map(({ id }): BrokerCoverage => {
    const { host, process } = joined.find(({ broker }) => broker === id) ?? {};
    const own = seen.find((each) => each.host === host);
    const { requestedAt = now, ...coverage } = own ?? {};
    const running = runningProcess(process, own?.reading);
    const cpus = own?.reading?.cpus?.length ?? 0;
    const { allowedCpus = Infinity, cgroup: { cpuLimitCores } = {} } = running ?? {};
    const rateAgeSeconds = rateAgeOf(id, snapshot);
    const { processes, fileSystems = [] } = own?.reading ?? {};
    // A node_exporter shows no processes.
    const isContained =
      isInContainer(running, processes) || (snapshot !== undefined && isOnOtherDisks(id, snapshot, fileSystems));
    return {
      broker: id,
      ageSeconds: now - requestedAt,
      ...coverage,
      ...(process !== undefined && { process }),
      ...(isContained && { isContained: true }),
      ...(snapshot && { reportedDisks: reportedDisks(id, snapshot) }),
      ...(usedDiskRatio(id, snapshot) !== undefined && { reportsDiskUse: true }),
      ...(running && { jvm: running.jvm }),
      ...(cpuLimitCores !== undefined && { cpuLimitCores }),
      ...(cpus > 0 && allowedCpus !== Infinity && { allowedCpus: Math.min(allowedCpus, cpus) }),
      ...(rateAgeSeconds !== undefined && { rateAgeSeconds }),
    };
  });
  // The snapshot is later, and does not list a broker that was lost in between.
  const unlisted = snapshot === undefined ? [] : unlistedBrokers({ ...snapshot, cluster });
  return { brokers: coverages, unlisted, ...(snapshot && { snapshot }), machines };
}

function runningProcess(name: string | undefined, reading: HostReading | undefined): RunningProcess | undefined {
  const found = reading?.processes?.find((process) => process.name === name);
  return found?.state === 'running' ? found.process : undefined;
}

function rateAgeOf(broker: string, snapshot: ClusterSnapshot | undefined): number | undefined {
  const ages = (snapshot?.sections ?? []).flatMap((section) =>
    section.broker === broker && rateSections.has(section.section) && section.kind !== 'missing'
      ? [section.ageSeconds ?? 0]
      : [],
  );
  return ages.length === 0 ? undefined : Math.max(...ages);
}
