// Collects the GC logs of each cluster's hosts from every host reading.

import type { Text } from '../../core/text/bilingual.ts';
import {
  isAnotherProcess,
  joinBrokers,
  type AddressedBroker,
  type AddressedHost,
  type ConfiguredHosts,
} from '../../core/broker-hosts.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import type { GcLogReading } from '../../core/documents/evidence/gc-log-reading.ts';
import type { HostReading } from '../../core/documents/evidence/host-reading.ts';
import { keepPorts } from '../../exporter/last-known.ts';
import { GcCourse } from './gc-course.ts';
import { longStopOf } from './gc-findings.ts';

export interface WatchedGcLog {
  /** Id of the broker that writes it; absent if unknown. */
  broker?: string;
  reading: GcLogReading;
  course: GcCourse;
}

export interface WatchedGcHost {
  host: string;
  /** Ids of the brokers on the host, from the config or from their addresses. */
  brokers: readonly string[];
  /** Time of the last successful reading, and why it has no GC logs; absent before the first. */
  last?: { at: Date; whyNot?: Text };
  /** Fault of the last reading, if it failed. */
  trouble?: { at: Date; reason: string };
  logs: readonly WatchedGcLog[];
}

export interface GcWatch {
  note(host: string, reading: Pick<HostReading, 'gcLogs' | 'processes' | 'unread'>, at: Date): void;
  /** Records that the host could not be read; known logs stay, with their age. */
  fail(host: string, reason: string, at: Date): void;
  /** Returns each host with a broker of the cluster, without logs of other processes. */
  of(cluster: string): readonly WatchedGcHost[];
}

interface GcPlaces {
  broker: BrokerKind;
  readonly hosts: ConfiguredHosts;
  /** Addresses in the last reading of the cluster. */
  addresses?(): readonly AddressedBroker[];
}

interface ObservedHost {
  processes?: AddressedHost['processes'];
  last?: { at: Date; whyNot?: Text };
  trouble?: { at: Date; reason: string };
  logs: ReadonlyMap<string, WatchedGcLog>;
}

const onlyFiles: Text = {
  en: 'Plimsoll reads GC logs only of local hosts and of hosts with `probe: ssh`. Set it for this host under `hosts`',
  zh: 'Plimsoll 只能读取本机和配置为 `probe: ssh` 的主机的 GC 日志，请在 `hosts` 中为该主机配置',
};

/** By name of the host in the config. */
export type ObservedGcLogs = Map<string, ObservedHost>;

/** @param logsByHost known logs, for example from before a config reload */
export function watchGc(places: ReadonlyMap<string, GcPlaces>, logsByHost: ObservedGcLogs = new Map()): GcWatch {
  const kindOf = (host: string) =>
    [...places.values()].find(({ hosts }) => Object.values(hosts).some((place) => place.host === host))?.broker;
  const lastKnown = new Map<string, Map<string, AddressedBroker>>();
  /** Keeps the last address of a broker that is down, so that its process stays known. */
  function addressesOf(cluster: string): readonly AddressedBroker[] {
    const known = lastKnown.get(cluster) ?? new Map<string, AddressedBroker>();
    for (const broker of places.get(cluster)?.addresses?.() ?? []) known.set(broker.id, broker);
    lastKnown.set(cluster, known);
    return [...known.values()];
  }

  return {
    note(host, { gcLogs, processes: read, unread }, at) {
      const kind = kindOf(host);
      if (kind === undefined) return;
      const { logs: before = new Map<string, never>(), processes: known = [] } = logsByHost.get(host) ?? {};
      const processes = read === undefined ? known : keepPorts(known, read);
      if (gcLogs === undefined) {
        const whyNot = unread?.['processes'] ?? onlyFiles;
        logsByHost.set(host, { last: { at, whyNot }, logs: before, processes });
        return;
      }
      const logs = gcLogs.map((reading) => {
        const course = before.get(reading.name)?.course ?? new GcCourse(longStopOf(kind).seconds);
        if (reading.totals !== undefined) course.add(at.getTime(), reading.totals);
        return [reading.name, { reading, course }] as const;
      });
      logsByHost.set(host, { last: { at }, logs: new Map(logs), processes });
    },
    fail(host, reason, at) {
      if (kindOf(host) !== undefined)
        logsByHost.set(host, { logs: new Map(), ...logsByHost.get(host), trouble: { at, reason } });
    },
    of(cluster) {
      const place = places.get(cluster);
      if (place === undefined) return [];
      const own = place.hosts;
      return [...Map.groupBy(Object.keys(own), (id) => own[id]?.host ?? '')].map(([host, brokers]) => {
        const { last, trouble, logs, processes = [] } = logsByHost.get(host) ?? {};
        const joinedOf = (name: string, { hosts }: GcPlaces) => brokersOn(host, processes, hosts, addressesOf(name));
        const others = [...places].flatMap(([name, other]) =>
          name === cluster ? [] : joinedOf(name, other).processes,
        );
        return {
          host,
          brokers,
          ...(last && { last }),
          ...(trouble && { trouble }),
          logs: logsOf(joinedOf(cluster, place), { processes, others: new Set(others) }, [...(logs?.values() ?? [])]),
        };
      });
    },
  };
}

/**
 * @returns `processes` names of the processes known to be these brokers; `isKnown` false until a reading of the cluster
 *   shows the ports of its brokers
 */
function brokersOn(
  host: string,
  processes: AddressedHost['processes'],
  hosts: ConfiguredHosts,
  addresses: readonly AddressedBroker[],
) {
  const ids = Object.keys(hosts).filter((id) => hosts[id]?.host === host);
  const addressed = addresses.filter(({ id }) => ids.includes(id));
  const machine = { host, addresses: new Set<string>(), isHere: false, processes };
  const joined = joinBrokers(addressed, [machine], hosts);
  const stated = ids.flatMap((id) => hosts[id]?.process ?? []);
  const named = [...stated, ...joined.flatMap(({ process }) => process ?? [])];
  return { joined, processes: named, isKnown: addressed.length === ids.length };
}

/** @param others processes of other clusters */
function logsOf(
  { joined, processes: names, isKnown }: ReturnType<typeof brokersOn>,
  { processes, others }: { processes: AddressedHost['processes']; others: ReadonlySet<string> },
  logs: readonly WatchedGcLog[],
): WatchedGcLog[] {
  const own = new Set(names);
  const isForeign = (name: string) =>
    (others.has(name) && !own.has(name)) || (isKnown && isAnotherProcess(name, processes, own));
  return logs
    .filter(({ reading }) => !isForeign(reading.name))
    .map((log) => {
      const broker = joined.find(({ process }) => process === log.reading.name)?.broker;
      return { ...log, ...(broker !== undefined && { broker }) };
    });
}

/** Seconds of GC pauses since each log was first followed, by host and log; absent while none is followed. */
export function pausedSeconds(hosts: readonly WatchedGcHost[]): ReadonlyMap<string, number> | undefined {
  const all = hosts.flatMap(({ host, logs }) =>
    logs.flatMap(({ reading: { name, totals } }) =>
      totals === undefined
        ? []
        : [[`${host}/${name}`, totals.stopped.find(({ reason }) => reason === 'gc')?.seconds ?? 0] as const],
    ),
  );
  return all.length === 0 ? undefined : new Map(all);
}
