// Builds the fingerprint of a run (machines, brokers, clients, settings) and compares fingerprints.

import { defined } from '../../core/defined.ts';
import { generatorHostsOf } from '../../core/documents/evidence/telemetry.ts';
import type { RecordedSettings } from '../../core/documents/evidence/recorded-settings.ts';
import type { RunDescription } from './load-test-run.ts';
import { sendingSettings } from './sending-settings.ts';
import { bitRateText } from '../../core/text/quantity-text.ts';

export type Fingerprint = Readonly<Record<string, string>>;

/** Key of the id that brokers report: which cluster it is, not how it is set. */
export const clusterIdKey = 'cluster.id';

/** Key that names the brokers whose settings were read. */
export const settingsRead = 'broker.settings.of';

/** Without a fixed number or medium of their own. */
const softwareDisk = /^(?:dm-|md|rbd|nbd|sr|loop|zram)/;
/** Disk sizes, the role of masters and allowed CPUs: recorded only by some versions and probes, so one that a side lacks shows no change. */
const notAlwaysRecorded = /^(?:(?:client\.)?hosts\..+\.bytes|broker\.settings\.brokerRole|jvm\..+\.allowedCpus)$/;

/**
 * Unknown values have no key. Plimsoll's own version does not belong to the cluster, and thresholds that follow free
 * memory change by themselves: both are left out.
 */
export function fingerprintOf({
  environment,
  workload,
  broker,
  versions,
  brokerVersion,
  settings,
  resume,
}: RunDescription): Fingerprint {
  const { hosts, brokers, proxyHosts = [] } = environment;
  const ofCluster = new Set([...brokers.flatMap(({ host }) => host ?? []), ...proxyHosts]);
  const named = new Set([...ofCluster, ...generatorHostsOf(environment)]);
  // A machine with only the load generator is not part of the cluster.
  const placeOf = (host: string) => (ofCluster.has(host) ? `hosts.${host}` : `client.hosts.${host}`);
  const entries: [string, string | number | undefined][] = [
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
    ...sendingSettings({ resume }),
    ...Object.entries(versions ?? {}).flatMap(([name, version]): [string, string][] =>
      name === 'plimsoll' ? [] : [[`client.${name}`, version]],
    ),
    ...(settings === undefined ? [] : settingsEntries(settings)),
    ...hosts
      .filter(({ host }) => named.has(host))
      .flatMap(({ host, os, kernel, cores, cpuModel, memoryBytes, networkDevices = [], disks = [], writeback }) => [
        ...([
          [`${placeOf(host)}.os`, os],
          [`${placeOf(host)}.kernel`, kernel],
          [`${placeOf(host)}.cores`, cores],
          [`${placeOf(host)}.cpu`, cpuModel],
          [`${placeOf(host)}.memoryBytes`, memoryBytes],
          [`${placeOf(host)}.dirtyExpireSeconds`, writeback?.expireSeconds],
        ] as [string, string | number | undefined][]),
        ...networkDevices.map(({ device, speed }): [string, string | undefined] => [
          `${placeOf(host)}.${device}.speed`,
          speed && bitRateText(speed.bitsPerSecond),
        ]),
        ...disks
          .filter(({ device }) => !softwareDisk.test(device))
          .map(({ device, sizeBytes }): [string, number | undefined] => [
            `${placeOf(host)}.${device}.bytes`,
            sizeBytes,
          ]),
      ]),
  ];
  return Object.fromEntries(
    entries
      .flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]]))
      .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)),
  ) as Fingerprint;
}

function settingsEntries({ read, shared, own, jvms }: RecordedSettings): [string, string | undefined][] {
  return [
    [settingsRead, read.length > 0 ? read.join(', ') : undefined],
    ...Object.entries(shared).map(([key, value]): [string, string] => [`broker.settings.${key}`, value]),
    ...Object.entries(own).flatMap(([id, values]) =>
      Object.entries(values).map(([key, value]): [string, string] => [`broker.settings.${key}@${id}`, value]),
    ),
    ...Object.entries(jvms).flatMap(
      ([id, { version, flags, cpuLimitCores, allowedCpus }]): [string, string | undefined][] => [
        [`jvm.${id}.version`, version],
        [`jvm.${id}.flags`, flags.join(' ')],
        [`jvm.${id}.cpuLimitCores`, cpuLimitCores === undefined ? undefined : String(cpuLimitCores)],
        [`jvm.${id}.allowedCpus`, allowedCpus === undefined ? undefined : String(allowedCpus)],
      ],
    ),
  ];
}

export interface Drift {
  setting: string;
  a?: string;
  b?: string;
}

/** What differs, and what only one of both has, except what is not always recorded. Settings of brokers that one side did not read at all are one line. */
export function driftOf(a: Fingerprint = {}, b: Fingerprint = {}): Drift[] {
  const isRecorded = recordedOnBoth(a, b);
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  // A setting that is equal on all brokers on one side only is compared broker by broker.
  const split = new Set(keys.filter((key) => sharedKey(key) !== key).map(sharedKey));
  return keys
    .toSorted()
    .filter((key) => isRecorded(key) && !split.has(key))
    .flatMap((setting) => {
      const [ofA, ofB] = [a, b].map((side) => side[setting] ?? side[sharedKey(setting)]);
      if (ofA === ofB) return [];
      return [{ setting, ...defined({ a: ofA, b: ofB }) }];
    });
}

/** `broker.settings.num.io.threads` of `broker.settings.num.io.threads@2` */
const sharedKey = (key: string): string => (key.startsWith('broker.settings.') ? key.replace(/@[^@]*$/, '') : key);

function recordedOnBoth(a: Fingerprint, b: Fingerprint): (key: string) => boolean {
  const isBoth = a[settingsRead] !== undefined && b[settingsRead] !== undefined;
  return (key) => {
    if (notAlwaysRecorded.test(key)) return a[key] !== undefined && b[key] !== undefined;
    return isBoth || key === settingsRead || !key.startsWith('broker.settings.');
  };
}
