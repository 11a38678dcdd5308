// Is everything in sight that a verdict needs? Each broker's machine, judged by one reading taken now.

import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import type { HostInventory, HostReading } from '../../core/host-reading.ts';
import type { JvmCommand } from '../../core/process-reading.ts';

export const sights = ['cpu', 'disk', 'link', 'memory', 'gc-log', 'rate'] as const;
export const Sight = z.enum(sights);
export type Sight = z.infer<typeof Sight>;

/** What was found out about one broker. */
export interface BrokerSight {
  broker: string;
  /** Absent when nobody knows where it runs. */
  host?: string;
  inventory?: HostInventory;
  reading?: HostReading;
  /** How its JVM was started; absent where its process was not found. */
  jvm?: JvmCommand;
  /** Cores that the cgroup of its process allows; absent without a limit. */
  cpuLimitCores?: number;
  /** Why the machine could not be read. */
  trouble?: string;
  /** Since the readings were taken. */
  ageSeconds: number;
  /** Since offsets or runtime figures of this broker were read; absent when they could not be. */
  rateAgeSeconds?: number;
}

export interface Blindness {
  broker: string;
  host?: string;
  what: Sight;
  /** What is missing, and what to do about it. */
  reason: string;
  /** What the analysis will not be able to say. */
  unknown: string;
}

/** A figure older than this says nothing of a load that changes by the second. */
export const oldestSeconds = 5;

const costs: Readonly<Record<Sight, string>> = {
  cpu: 'whether processors bind',
  disk: 'whether disks bind',
  link: 'whether the network binds, in either direction',
  memory: 'whether memory and the page cache bind',
  'gc-log': 'whether pauses of the JVM stop the broker',
  rate: 'what rate the broker itself saw',
};

/** @returns what is not in sight, broker by broker */
export function findBlindness(brokers: readonly BrokerSight[]): Blindness[] {
  return brokers.flatMap((sight) => {
    const { broker, host } = sight;
    return sights.flatMap((what) => {
      const reason = missing(what, sight);
      if (reason === undefined) return [];
      return [{ broker, ...(host !== undefined && { host }), what, reason, unknown: costs[what] }];
    });
  });
}

/** @throws AppError not-ready, with what is missing and nobody accepted */
export function refuseBlindness(cluster: string, blind: readonly Blindness[], accepted: readonly Sight[]): void {
  const refused = blind.filter(({ what }) => !accepted.includes(what));
  if (refused.length === 0) return;
  const told = refused.map(({ broker, what, reason }) => `${what} of broker ${broker} (${reason})`);
  throw new AppError('not-ready', `not everything of cluster ${cluster} is in sight: ${told.join('; ')}`);
}

function missing(what: Sight, sight: BrokerSight): string | undefined {
  if (what === 'rate') return staleness(sight.rateAgeSeconds, `broker ${sight.broker} did not tell its offsets`);
  const { broker, host, reading, inventory, trouble } = sight;
  if (host === undefined)
    return `no host is known for broker ${broker}: state clusters.<name>.brokers."${broker}".host`;
  if (reading === undefined) return trouble ?? `host ${host} was not read`;
  const old = staleness(sight.ageSeconds, '');
  return old ?? absent(what, host, reading, inventory);
}

function absent(
  what: Exclude<Sight, 'rate'>,
  host: string,
  reading: HostReading,
  inventory: HostInventory | undefined,
): string | undefined {
  const without = (section: keyof NonNullable<HostReading>) =>
    reading.unread?.[section] ?? `host ${host} does not tell it`;
  switch (what) {
    case 'cpu':
      return reading.cpus === undefined ? without('cpus') : undefined;
    case 'disk':
      return reading.disks === undefined ? without('disks') : undefined;
    case 'memory':
      return reading.memoryBytes === undefined ? without('memoryBytes') : undefined;
    case 'link': {
      if (reading.networkDevices === undefined) return without('networkDevices');
      const cards = inventory?.networkDevices ?? [];
      const slow = cards.filter(({ speed }) => speed === undefined).map(({ device }) => device);
      if (cards.length === 0) return `no card of host ${host} is known to carry the traffic: state network.devices`;
      return slow.length === 0
        ? undefined
        : `the speed of ${slow.join(', ')} is unknown: state network.speed under hosts.${host}`;
    }
    case 'gc-log': {
      const logs = reading.gcLogs ?? [];
      if (logs.length === 0) return `no GC log of host ${host} is followed: state gcLogs under hosts.${host}`;
      return logs.find(({ trouble }) => trouble !== undefined)?.trouble;
    }
  }
}

function staleness(ageSeconds: number | undefined, absence: string): string | undefined {
  if (ageSeconds === undefined) return absence;
  return ageSeconds > oldestSeconds ? `the last figure is ${Math.round(ageSeconds)} s old` : undefined;
}
