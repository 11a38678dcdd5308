// Reads the hosts and the cluster of a run for the load generator, through probes and an inspector.

import { type Clock, untilAborted } from '../../../core/clock.ts';
import type { ClusterInspector } from '../../../brokers/driver.ts';
import type { BrokerWatch } from '../../../brokers/figures/broker-reading.ts';
import { readingTimes } from '../../../brokers/delta/reading-times.ts';
import type { ClusterSnapshot } from '../../../brokers/snapshot.ts';
import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { Broker, Cluster } from '../../../core/cluster.ts';
import { replicaRows } from '../../../core/documents/evidence/replica-placement.ts';
import { AppError, faultOf, ignoreFault } from '../../../core/errors.ts';
import type { HostReading, ReadingSection } from '../../../core/documents/evidence/host-reading.ts';
import { hostName } from '../../../core/documents/evidence/telemetry.ts';
import type {
  TelemetryEnvironment,
  TelemetryRecord,
  TelemetrySource,
} from '../../../core/documents/evidence/telemetry.ts';
import type { HostProbe } from '../../../hosts/probe.ts';
import { watchBackground } from './background-traffic.ts';
import { recordBrokers } from './broker-telemetry.ts';
import { lagIn } from '../../../core/consumer-lag.ts';
import { defined } from '../../../core/defined.ts';

interface TelemetryParts {
  cluster: string;
  inspector: ClusterInspector;
  /** `brokers` of the cluster's config: host by broker id. */
  brokerHosts: Readonly<Record<string, { host: string }>>;
  hosts: readonly { name: string; probe: HostProbe }[];
  generatorHost: string;
  /** Hosts of remote workers. */
  workerHosts?: readonly string[];
  /** Hosts of the proxies in the path of the load. */
  proxyHosts?: readonly string[];
  /** Topics of the run. */
  topics: readonly string[];
  /** Names of the groups in the cluster by their names in the journal: a run may have one group per topic. */
  groups: ReadonlyMap<string, readonly string[]>;
  /** Sources of broker metrics; closed together with this source. */
  watches?: readonly BrokerWatch[];
  /** Brokers that are down intentionally, so their missing copies do not count. */
  lost?: readonly string[];
  clock: Clock;
}

/** Sections that the analysis uses; the others would make a bundle ten times as large. */
const recorded: ReadonlySet<ReadingSection> = new Set([
  'uptimeSeconds',
  'cpus',
  'load',
  'memoryBytes',
  'pressure',
  'disks',
  'networkDevices',
  'netstat',
  'queues',
]);

/** Recorded out of hundreds of counters. */
const recordedCounters: ReadonlySet<string> = new Set(['Tcp_RetransSegs']);

/** Less than a second, so that a sample ends before the next begins. */
const deadlineMilliseconds = 900;
/**
 * A late reading becomes part of the next sample. Its counters may be from any moment of the reading, so its time is uncertain by half of
 * its length, which this bound keeps within policy `inputs.clockSeconds`. An even later one is discarded.
 */
const patienceMilliseconds = 1900;

/** RocketMQ 5 scans its whole timer wheel for each response, which a request per second would turn into load. */
const runtimeMaxAgeSeconds = 10;

/** Takes ownership of the probes; the caller closes the inspector. */
export function createTelemetrySource(parts: TelemetryParts): TelemetrySource {
  const { cluster, inspector, hosts, topics, groups, clock } = parts;
  const onlyChanged = onlyChangedPlacement();
  let known: TelemetryEnvironment['brokers'] = [];
  const paced: Pick<ClusterInspector, 'snapshot'> = {
    snapshot: (io, wanted) => inspector.snapshot(io, { ...wanted, runtimeMaxAgeSeconds, disks: true }),
  };
  const sources: Source[] = [
    ...hosts.map(({ name, probe }) => ({
      name: hostName(name),
      isBusy: false,
      async read(elapsed: () => number, signal: AbortSignal) {
        const reading = await probe.sample(recorded, { signal });
        return { kind: 'host' as const, host: name, elapsedSeconds: elapsed(), reading: withoutMostCounters(reading) };
      },
    })),
    {
      name: `cluster ${cluster}`,
      isBusy: false,
      async read(elapsed: () => number, signal: AbortSignal) {
        const snapshot = await paced.snapshot({ signal }, { topics, groups: [...groups.values()].flat() });
        return {
          kind: 'cluster' as const,
          cluster,
          elapsedSeconds: elapsed(),
          ...summarise(snapshot, parts),
          ...missingBrokers(known, snapshot.cluster),
        };
      },
    },
  ];

  const background = watchBackground(cluster, paced, topics, clock);
  const brokers = recordBrokers(cluster, parts.watches ?? [], clock);

  return {
    async describe(io) {
      const environment = await describe(parts, io);
      known = environment.brokers;
      return environment;
    },
    async sample(elapsed, { signal }) {
      const ofBrokers = brokers.sample(elapsed, { signal });
      const records = await Promise.all(sources.map((source) => sampleOne(source, elapsed, signal, clock)));
      const others = background.sample(elapsed, { signal });
      return [...records.flat().map(onlyChanged), ...ofBrokers, ...(others === undefined ? [] : [others])];
    },
    async [Symbol.asyncDispose]() {
      // Closed first, because watches read through the probes.
      await brokers[Symbol.asyncDispose]();
      await Promise.all(hosts.map(({ probe }) => probe[Symbol.asyncDispose]()));
    },
  };
}

function withoutMostCounters({ netstat, ...reading }: HostReading): HostReading {
  const kept = Object.entries(netstat ?? {}).filter(([name]) => recordedCounters.has(name));
  return kept.length === 0 ? reading : { ...reading, netstat: Object.fromEntries(kept) };
}

type WithoutDuration<Item> = Item extends unknown ? Omit<Item, 'scrapeSeconds'> : never;

interface Source {
  name: string;
  /** The previous reading has not ended: a source that ignores its deadline is not read again until then. */
  isBusy: boolean;
  /** Records that arrived after their sample. */
  late?: TelemetryRecord[];
  read(elapsed: () => number, signal: AbortSignal): Promise<WithoutDuration<TelemetryRecord>>;
}

const inItsMiddle = (record: TelemetryRecord): TelemetryRecord => ({
  ...record,
  elapsedSeconds: record.elapsedSeconds - record.scrapeSeconds / 2,
});

/** @returns late records of the previous sample, and those of this one */
async function sampleOne(
  source: Source,
  elapsed: () => number,
  signal: AbortSignal,
  clock: Clock,
): Promise<TelemetryRecord[]> {
  const start = clock.monotonic();
  const timing = () => ({ scrapeSeconds: clock.monotonic() - start });
  const fault = (code: string, message: string): TelemetryRecord => ({
    kind: 'error',
    source: source.name,
    elapsedSeconds: elapsed(),
    ...timing(),
    code,
    message,
  });
  const late = source.late ?? [];
  source.late = [];
  if (source.isBusy) return [...late, fault('slow', `${source.name} has not answered the reading before`)];
  source.isBusy = true;
  const reading = source
    .read(elapsed, AbortSignal.any([signal, AbortSignal.timeout(patienceMilliseconds)]))
    .then((record): TelemetryRecord => ({ ...record, ...timing() }))
    .finally(() => (source.isBusy = false));
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(deadlineMilliseconds)]);
  try {
    return [...late, await untilAborted(reading, deadline)];
  } catch (error) {
    if (deadline.aborted && error === deadline.reason) {
      reading.then((record) => (source.late = [inItsMiddle(record)]), ignoreFault('it was reported as slow'));
      return [...late, fault('slow', `${source.name} did not answer within ${deadlineMilliseconds} ms`)];
    }
    return [...late, fault(error instanceof AppError ? error.code : 'unreadable', (error as Error).message)];
  }
}

async function describe(
  { inspector, brokerHosts, hosts, generatorHost, workerHosts = [], proxyHosts = [] }: TelemetryParts,
  io: { signal: AbortSignal },
): Promise<TelemetryEnvironment> {
  const { brokers, clusterId } = await inspector.describe(io);
  return {
    ...(clusterId !== undefined && { clusterId }),
    hosts: await Promise.all(hosts.map((host) => inventoryOf(host, io))),
    brokers: brokers.map(({ id, address, rack }) => defined({ id, address, host: brokerHosts[id]?.host, zone: rack })),
    generatorHost,
    ...(workerHosts.length > 0 && { workerHosts: [...workerHosts] }),
    ...(proxyHosts.length > 0 && { proxyHosts: [...proxyHosts] }),
  };
}

/** A host without inventory was accepted before the run (`--accept-blind`); each of its readings records the error. */
async function inventoryOf({ name, probe }: TelemetryParts['hosts'][number], io: { signal: AbortSignal }) {
  try {
    return await probe.describe(io);
  } catch (fault) {
    faultOf(fault, io);
    return { host: name };
  }
}

/** Lag covers only partitions with a commit of the group; without a commit it is unknown, not the whole log. */
function summarise(snapshot: ClusterSnapshot, { topics, groups, lost = [] }: TelemetryParts) {
  const own = new Set(topics);
  const found = snapshot.topics.filter(({ name }) => own.has(name));
  const partitions = found.length === 0 ? undefined : found.flatMap((topic) => topic.partitions);
  const leaders: Record<string, number> = {};
  for (const { leader } of partitions ?? []) if (leader !== undefined) leaders[leader] = (leaders[leader] ?? 0) + 1;
  return {
    groups: lagsOf(snapshot, own, groups),
    ...(partitions && {
      // Unknown if a broker did not respond in time.
      ...(partitions.every(({ unknownReplicas }) => unknownReplicas === undefined) && {
        underReplicatedPartitions: partitions.filter(
          ({ replicas, inSyncReplicas }) => inSyncReplicas.length < replicas.filter((id) => !lost.includes(id)).length,
        ).length,
      }),
      leaders,
      placement: replicaRows(partitions),
    }),
  };
}

/** Omits a group whose lag is unknown for some of its topics, because the sum over the others would be too small. */
function lagsOf(snapshot: ClusterSnapshot, own: ReadonlySet<string>, groups: TelemetryParts['groups']) {
  const times = (['commits', 'offsets'] as const).map((name) => readingTimes({ atSeconds: 0, snapshot }, name));
  const known = new Map(
    snapshot.groups.map(({ name, partitions, withoutEnd }) => {
      const ofRun = [...partitions].filter(({ topic }) => own.has(topic));
      const isWhole =
        !withoutEnd?.keys().some((topic) => own.has(topic)) &&
        ofRun.every(({ brokerName }) => times.every((timeOf) => timeOf({ brokerName }).isFresh));
      return [name, isWhole ? lagIn(ofRun) : undefined];
    }),
  );
  return [...groups].flatMap(([group, names]) => {
    const lags = names.flatMap((name) => known.get(name) ?? []);
    if (lags.length < names.length) return [];
    return [{ group, lagMessages: Number(lags.reduce((sum, lag) => sum + lag, 0n)) }];
  });
}

/** After an election, a RocketMQ id names another broker: one is missing if its address and a member of its group are. */
function missingBrokers(known: TelemetryEnvironment['brokers'], { kind, brokers }: Cluster) {
  const { group } = traitsOf(kind).brokerId;
  const members = (all: readonly Pick<Broker, 'id'>[], id: string) =>
    all.filter((each) => group(each.id) === group(id)).length;
  const missing = known.filter(
    ({ id, address }) => brokers.every((each) => each.address !== address) && members(brokers, id) < members(known, id),
  );
  return missing.length === 0 ? {} : { missingBrokers: missing.map(({ id }) => id) };
}

/** Omits an unchanged placement, which is long for many brokers. Compares with written records, since readings may be discarded. */
function onlyChangedPlacement(): (record: TelemetryRecord) => TelemetryRecord {
  let last: string | undefined;
  return (record) => {
    if (record.kind !== 'cluster' || record.placement === undefined) return record;
    const text = JSON.stringify(record.placement);
    const { placement: _, ...unchanged } = record;
    if (text === last) return unchanged;
    last = text;
    return record;
  };
}
