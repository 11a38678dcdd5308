// Reads everything that the cluster check judges: hosts, broker settings, topics and clients.

import { lookup } from 'node:dns/promises';
import { driverOf } from '../../brokers/registry.ts';
import type { ClusterConfig } from '../../brokers/config.ts';
import type { ClusterInspector } from '../../brokers/driver.ts';
import type { ClusterLookup, LookupAnswer } from '../../brokers/lookup.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { joinBrokers } from '../../core/broker-hosts.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import { defined } from '../../core/defined.ts';
import { type Clock, seconds } from '../../core/clock.ts';
import { AppError, faultOf, ignoreFault, isUnreachable } from '../../core/errors.ts';
import type { HostReading, ReadingSection } from '../../core/documents/evidence/host-reading.ts';
import { splitAddress } from '../../brokers/address.ts';
import type { HostsConfig } from '../../hosts/config.ts';
import type { HostProbe } from '../../hosts/probe.ts';
import type { CheckedBroker, CheckedCluster, CheckedHost } from '../../ops/cluster-check/checked-cluster.ts';
import { addressedHost } from '../observe/host-names.ts';
import { readMachine, readWithin, type MachineReading } from '../observe/machine-reading.ts';

/** Each attempt waits 2 s for late processes. */
const mostAttempts = 20;
/** Includes the uptime, because a reading without any file looks like a host that does not respond. */
const lateOnly: ReadonlySet<ReadingSection> = new Set(['uptimeSeconds', 'processes']);

/** A broker of three JVMs on two busy cores missed two consecutive deadlines. */
const readAttempts = 4;
const pauseSeconds = seconds(2);

/** A busy host takes a while on the first connection; a host that does not respond stays unread. */
const patienceSeconds = 60;

export interface LookParts {
  /** Set if already open; the caller closes it. */
  inspector?: ClusterInspector;
  lookup?: ClusterLookup;
  /** Set if the whole cluster was read a moment ago. */
  snapshot?: ClusterSnapshot;
  /** Hosts read a moment ago, by name. */
  machines?: ReadonlyMap<string, MachineReading>;
  name: string;
  /** Options that name the cluster in a printed command. */
  args: string;
  config: ClusterConfig;
  hosts: HostsConfig;
  probes: ReadonlyMap<string, HostProbe>;
  mustNotLose: boolean;
  clock: Clock;
}

export interface Looked {
  checked: CheckedCluster;
  /** Parts of the cluster that could not be read, as text. */
  notices: string[];
}

/** @param parts.config for reading over the network; if that fails, only the hosts are checked, and a notice states why */
export async function lookAtCluster(parts: LookParts, io: { signal: AbortSignal }): Promise<Looked> {
  const { config, hosts: hostConfigs, probes, mustNotLose, name, args } = parts;
  const notices: string[] = [];
  const [hosts, cluster] = await Promise.all([
    Promise.all([...probes].map(([host, probe]) => lookAtHost(host, probe, parts, io))),
    askCluster(parts, notices, io),
  ]);
  const brokers = cluster?.brokers ?? [];
  const joined = joinBrokers(
    brokers.map(({ broker }) => broker),
    hosts.map((each) => addressedHost(each.host, hostConfigs[each.host], each)),
    config.brokers,
  );
  const placed = brokers.map((place): CheckedBroker => {
    const at = joined.find(({ broker }) => broker === place.broker.id);
    const host = hosts.find((each) => each.host === at?.host);
    const process = host?.reading?.processes?.find((each) => each.name === at?.process);
    return { ...place, ...(host && { host }), ...(process?.state === 'running' && { process: process.process }) };
  });
  // Hosts of other clusters, and of the load generator, are not subject to the rules of this cluster.
  const judged = cluster === undefined ? hosts : hosts.filter(({ host }) => joined.some((each) => each.host === host));
  if (judged.length === 0) {
    const why =
      hosts.length === 0
        ? 'no hosts are configured (hosts: in plimsoll.yaml)'
        : `none of the ${hosts.length} configured hosts is known to run a broker of ${name}`;
    notices.push(`rules about hosts and JVMs are skipped: ${why}`);
  }
  for (const { trouble } of judged) if (trouble !== undefined) notices.push(trouble);
  const isSecured = 'sasl' in config || config.tls !== undefined;
  const checked = {
    kind: config.broker,
    name,
    args,
    isSecured,
    configured: configuredNames(config),
    hosts: judged,
    mustNotLose,
    ...cluster?.facts,
    brokers: placed,
  };
  return { checked, notices };
}

function configuredNames({ broker: kind, brokers, clusterId }: ClusterConfig): string[] {
  const known = typeof clusterId === 'object' ? clusterId.brokers.map((each) => each.replace(/@.*$/, '')) : [];
  return [...new Set([...known, ...Object.keys(brokers)].map(traitsOf(kind).brokerId.group))];
}

/** Without a cluster, the JVMs on this machine are checked as brokers, without their settings. */
export async function lookAtMachine(
  kind: CheckedCluster['kind'],
  { host, probe, mustNotLose, clock }: { host: string; probe: HostProbe; mustNotLose: boolean; clock: Clock },
  io: { signal: AbortSignal },
): Promise<Looked> {
  const seen = await lookAtHost(host, probe, { clock }, io);
  const processName = { kafka: /^kafka(:\d+)?$/, rocketmq: /^rocketmq-broker(-container)?(:\d+)?$/ }[kind];
  const brokers = (seen.reading?.processes ?? []).flatMap((each): CheckedBroker[] =>
    each.state === 'running' && processName.test(each.name)
      ? [
          {
            broker: { id: each.name, address: '' },
            host: seen,
            process: each.process,
            addresses: [],
            trouble: 'settings of brokers were not read: name a cluster to read them',
          },
        ]
      : [],
  );
  return {
    checked: { kind, name: host, hosts: [seen], brokers, mustNotLose },
    notices: seen.trouble ? [seen.trouble] : [],
  };
}

async function lookAtHost(
  host: string,
  probe: HostProbe,
  { machines, clock }: Pick<LookParts, 'machines' | 'clock'>,
  { signal }: { signal: AbortSignal },
): Promise<CheckedHost> {
  const read = await readWithin(host, patienceSeconds, { signal }, async (io) => {
    const { inventory, reading: first } = machines?.get(host) ?? (await readMachine(probe, clock, io));
    const settings = await probe.settings?.(io);
    const reading = await untilProcesses(first, probe, io);
    return { inventory, reading, ...(settings && { settings }) };
  });
  return { host, ...read };
}

const areLate = ({ processes, unread }: HostReading) => processes === undefined && unread?.['processes'] !== undefined;

/** On a busy host the processes arrive in a later reading than the one that requested them. */
async function untilProcesses(first: HostReading, probe: HostProbe, io: { signal: AbortSignal }): Promise<HostReading> {
  let reading = first;
  for (let again = 0; again < mostAttempts && areLate(reading) && !io.signal.aborted; again += 1) {
    const { unread: _, ...rest } = first;
    // Keeps the first reading, whether or not the processes arrive.
    const more = await probe.sample(lateOnly, io).catch(ignoreFault('the first reading is complete without processes'));
    if (more !== undefined) reading = { ...rest, ...more };
  }
  return reading;
}

/** Retries while the cluster is busy, and reports the last error. */
async function askCluster(parts: LookParts, notices: string[], io: { signal: AbortSignal }) {
  const { clock } = parts;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await askOnce(parts, notices, io);
    } catch (cause) {
      const fault = faultOf(cause, io);
      if (attempt === readAttempts || !isUnreachable(fault)) {
        notices.push(`rules about brokers, topics and groups are skipped: ${fault.message}`);
        return undefined;
      }
      await clock.sleep(pauseSeconds, io);
    }
  }
}

async function askOnce(parts: LookParts, notices: string[], io: { signal: AbortSignal }) {
  const { name, config } = parts;
  const driver = driverOf(config);
  await using own = new AsyncDisposableStack();
  const inspector = parts.inspector ?? own.use(await driver.inspect(name, config, io));
  const clusterLookup = parts.lookup ?? own.use(await driver.lookUp(name, config, io));
  const [snapshot, settings, topics, producers] = await Promise.all([
    parts.snapshot ?? inspector.snapshot(io),
    clusterLookup.settings(io),
    orNot(clusterLookup.topicSettings(io), notices),
    orNot(clusterLookup.producers(io), notices),
  ]);
  notices.push(...settings.notices);
  const brokers = await Promise.all(
    snapshot.cluster.brokers.map(async (broker) => {
      const found = settings.processes.find(({ of, id }) => of === 'broker' && id === broker.id);
      const own = defined({ settings: found?.values, ownSettings: found?.own });
      return { broker, addresses: await addressesOf(broker.address), ...own };
    }),
  );
  const versions = producers && [...new Set(producers.producers.flatMap(({ version }) => version ?? []))];
  return {
    brokers,
    facts: {
      snapshot,
      differences: settings.differences,
      ...(topics && { topicSettings: topics.topics }),
      ...(versions && { producerVersions: versions }),
    },
  };
}

/** Missing data is not a problem if this kind of broker has none. */
async function orNot<Value extends { notices: readonly string[] }>(
  question: Promise<LookupAnswer<Value>>,
  notices: string[],
): Promise<Value | undefined> {
  try {
    const answer = await question;
    if (answer.kind === 'unanswered') return undefined;
    notices.push(...answer.value.notices);
    return answer.value;
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    notices.push(cause.message);
    return undefined;
  }
}

/** A name that cannot be resolved here may be resolvable for clients elsewhere. */
async function addressesOf(address: string): Promise<string[]> {
  const { host } = splitAddress(address);
  return lookup(host, { all: true }).then(
    (found) => found.map(({ address: each }) => each),
    () => [],
  );
}
