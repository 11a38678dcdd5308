// Builds the fingerprint of a run (machines, brokers, clients, settings) and compares fingerprints.

import { defined } from '../../core/defined.ts';
import { generatorHostsOf } from '../../core/documents/evidence/telemetry.ts';
import type { RecordedSettings } from '../../core/documents/evidence/recorded-settings.ts';
import type { RunDescription } from './load-test-run.ts';
import { byMember } from './elected-members.ts';
import { brokerOf, type Fingerprint, settingsRead } from './fingerprint-keys.ts';
import { bitRateText } from '../../core/text/quantity-text.ts';
import { createHash } from 'node:crypto';
import { z } from 'zod';

export type { Fingerprint };

/** Key of the id that brokers report, which identifies the cluster but is not a setting. */
export const clusterIdKey = 'cluster.id';

/** Devices whose number or medium is not fixed. */
const softwareDisk = /^(?:dm-|md|rbd|nbd|sr|loop|zram)/;
/** Disk sizes, the role of masters, allowed CPUs and TLS of clients: recorded only by some versions and probes, so a missing one is no change. */
const notAlwaysRecorded =
  /^(?:(?:client\.)?hosts\..+\.bytes|broker\.settings\.brokerRole|jvm\..+\.allowedCpus|client\.tls)$/;

/**
 * Omits unknown values, Plimsoll's version, which does not belong to the cluster, and thresholds that follow free
 * memory, which change without configuration.
 */
export function fingerprintOf({
  environment,
  workload,
  broker,
  versions,
  brokerVersion,
  settings,
  resume,
  tls,
}: RunDescription): Fingerprint {
  const { hosts, brokers, proxyHosts = [] } = environment;
  const ofCluster = new Set([...brokers.flatMap(({ host }) => host ?? []), ...proxyHosts]);
  const named = new Set([...ofCluster, ...generatorHostsOf(environment)]);
  // A host with only the load generator is not part of the cluster.
  const placeOf = (host: string) => (ofCluster.has(host) ? `hosts.${host}` : `client.hosts.${host}`);
  const entries: [string, Value][] = [
    [clusterIdKey, environment.clusterId],
    ['broker.software', broker],
    ['broker.version', brokerVersion],
    ['broker.count', brokers.length > 0 ? brokers.length : undefined],
    ['topic.partitions', workload.partitions],
    ['topic.replicas', workload.replicationFactor],
    ['client.messageBytes', workload.messageBytes],
    ['client.acks', workload.acks],
    ['client.groups', workload.groups],
    ['client.lingerSeconds', workload.lingerSeconds],
    ['client.tls', tls],
    ...sendingSettings({ resume }),
    ...entriesOf('client', versions).filter(([key]) => key !== 'client.plimsoll'),
    ...(settings === undefined ? [] : settingsEntries(settings)),
    ...hosts
      .filter(({ host }) => named.has(host))
      .flatMap(({ host, networkDevices = [], disks = [], writeback, ...machine }) => {
        const { os, kernel, cores, cpuModel: cpu, memoryBytes } = machine;
        const place = placeOf(host);
        const dirtyExpireSeconds = writeback?.expireSeconds;
        return [
          ...entriesOf(place, { os, kernel, cores, cpu, memoryBytes, dirtyExpireSeconds }),
          ...networkDevices.flatMap(({ device, speed }) =>
            entriesOf(`${place}.${device}`, { speed: speed && bitRateText(speed.bitsPerSecond) }),
          ),
          ...disks
            .filter(({ device }) => !softwareDisk.test(device))
            .flatMap(({ device, sizeBytes: bytes }) => entriesOf(`${place}.${device}`, { bytes })),
        ];
      }),
  ];
  return Object.fromEntries(
    entries
      .flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]]))
      .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)),
  ) as Fingerprint;
}

type Value = string | number | boolean | undefined;

/** @returns each member with the place as prefix of its key */
function entriesOf(place: string, members: Readonly<Record<string, Value>> = {}): [string, Value][] {
  return Object.entries(members).map(([name, value]) => [`${place}.${name}`, value]);
}

function settingsEntries({ read, shared, own, jvms }: RecordedSettings): [string, Value][] {
  return [
    [settingsRead, read.length > 0 ? read.join(', ') : undefined],
    ...entriesOf('broker.settings', shared),
    ...Object.entries(own).flatMap(([id, values]) =>
      entriesOf('broker.settings', values).map(([key, value]): [string, Value] => [`${key}@${id}`, value]),
    ),
    ...Object.entries(jvms).flatMap(([id, { version, flags, cpuLimitCores, allowedCpus }]) =>
      entriesOf(`jvm.${id}`, { version, flags: flags.join(' '), cpuLimitCores, allowedCpus }),
    ),
  ];
}

export interface Drift {
  setting: string;
  a?: string;
  b?: string;
}

/**
 * Differences, including keys that only one side has, except those that are not always recorded. Members that elect
 * their master are compared by address. If one side did not read the settings of brokers at all, they are one line.
 */
export function driftOf(ofA: Fingerprint = {}, ofB: Fingerprint = {}): Drift[] {
  const [a, b] = byMember(ofA, ofB);
  const isRecorded = recordedOnBoth(a, b);
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  // A setting that is equal on all brokers of only one side is compared broker by broker.
  const split = new Set(keys.filter((key) => sharedKey(key) !== key).map(sharedKey));
  return keys
    .toSorted()
    .filter((key) => isRecorded(key) && !split.has(key))
    .flatMap((setting) => {
      const [inA, inB] = [a, b].map((side) => side[setting] ?? side[sharedKey(setting)]);
      if (inA === inB) return [];
      return [{ setting, ...defined({ a: inA, b: inB }) }];
    });
}

/** @returns `broker.settings.num.io.threads` for `broker.settings.num.io.threads@2` */
const sharedKey = (key: string): string => (brokerOf(key) === undefined ? key : key.replace(/@[^@]*$/, ''));

function recordedOnBoth(a: Fingerprint, b: Fingerprint): (key: string) => boolean {
  const isBoth = a[settingsRead] !== undefined && b[settingsRead] !== undefined;
  return (key) => {
    if (notAlwaysRecorded.test(key)) return a[key] !== undefined && b[key] !== undefined;
    return isBoth || key === settingsRead || !key.startsWith('broker.settings.');
  };
}

/** Options of a workload that change its load, with their defaults. */
const defaults = {
  compression: 'none',
  compressionRatio: undefined,
  idempotent: false,
  ordered: false,
  requests: undefined,
  transactions: undefined,
  delay: undefined,
  keys: 'none',
  mix: undefined,
} as const satisfies Record<string, unknown>;

/** In base units, as in run.json. */
const GroupsWithWork = z.array(z.looseObject({ processing: z.number().default(0) }));

/** @returns keys and values of non-default settings only, so that runs without a setting have no such key */
function sendingSettings({ resume }: Pick<RunDescription, 'resume'>): [string, string][] {
  const workload = resume?.workload ?? {};
  const set = Object.entries(defaults).flatMap(([key, usual]): [string, string][] => {
    const value = workload[key];
    return value === undefined || value === usual ? [] : [[`client.${key}`, textOf(value)]];
  });
  const groups = GroupsWithWork.safeParse(workload['groups']).data ?? [];
  if (groups.every(({ processing }) => processing === 0)) return set;
  return [...set, ['client.groupProcessingSeconds', groups.map(({ processing }) => processing).join(', ')]];
}

/** Sizes and keys of a captured topic have thousands of bands, so the digest of long values is compared. */
const longest = 200;

function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= longest ? text : `sha256:${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
}
