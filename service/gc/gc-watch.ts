// Keeps the GC logs of each cluster's hosts from every host reading.

import type { BrokerKind } from '../../core/cluster.ts';
import type { GcLogReading } from '../../core/documents/evidence/gc-log-reading.ts';
import type { HostReading } from '../../core/documents/evidence/host-reading.ts';
import { GcCourse } from './gc-course.ts';
import { longStopOf } from './gc-findings.ts';

export interface WatchedGcLog {
  reading: GcLogReading;
  course: GcCourse;
}

export interface WatchedGcHost {
  host: string;
  /** Ids of the brokers that the config places on it. */
  brokers: readonly string[];
  /** Of the last successful reading, and why it has no GC logs; absent before the first. */
  last?: { at: Date; whyNot?: string };
  /** Of the last reading, where it failed. */
  trouble?: { at: Date; reason: string };
  logs: readonly WatchedGcLog[];
}

export interface GcWatch {
  note(host: string, reading: Pick<HostReading, 'gcLogs' | 'unread'>, at: Date): void;
  /** The host could not be read; what was known of it stays, with its age. */
  fail(host: string, reason: string, at: Date): void;
  /** Of each host that config names for a broker of the cluster. */
  of(cluster: string): readonly WatchedGcHost[];
}

export interface GcPlaces {
  broker: BrokerKind;
  /** Host by id of the broker. */
  hosts: ReadonlyMap<string, string>;
}

interface HeardHost {
  last?: { at: Date; whyNot?: string };
  trouble?: { at: Date; reason: string };
  logs: ReadonlyMap<string, WatchedGcLog>;
}

/** By name of the host in config. */
export type ObservedGcLogs = Map<string, HeardHost>;

/** @param told what is known from before, as when the config was reloaded */
export function watchGc(places: ReadonlyMap<string, GcPlaces>, told: ObservedGcLogs = new Map()): GcWatch {
  const kinds = new Map(
    [...places.values()].flatMap(({ broker, hosts }) => [...hosts.values()].map((host) => [host, broker])),
  );
  return {
    note(host, { gcLogs, unread }, at) {
      const kind = kinds.get(host);
      if (kind === undefined) return;
      const before = told.get(host)?.logs ?? new Map<string, never>();
      if (gcLogs === undefined) {
        const whyNot = unread?.['processes'] ?? 'GC logs are followed where files can be read: locally or over SSH';
        told.set(host, { last: { at, whyNot }, logs: before });
        return;
      }
      const logs = gcLogs.map((reading) => {
        const course = before.get(reading.name)?.course ?? new GcCourse(longStopOf(kind).seconds);
        if (reading.totals !== undefined) course.add(at.getTime(), reading.totals);
        return [reading.name, { reading, course }] as const;
      });
      told.set(host, { last: { at }, logs: new Map(logs) });
    },
    fail(host, reason, at) {
      if (kinds.has(host)) told.set(host, { logs: new Map(), ...told.get(host), trouble: { at, reason } });
    },
    of(cluster) {
      const { hosts } = places.get(cluster) ?? { hosts: new Map<string, string>() };
      return [...Map.groupBy(hosts, ([, host]) => host)].map(([host, brokers]) => {
        const { last, trouble, logs } = told.get(host) ?? {};
        return {
          host,
          brokers: brokers.map(([id]) => id),
          ...(last && { last }),
          ...(trouble && { trouble }),
          logs: [...(logs?.values() ?? [])],
        };
      });
    },
  };
}
