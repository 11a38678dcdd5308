// For which settings does an answer hold? What a run told of its machines, brokers and clients, one word each.

import type { RunDescription } from '../load-test-run.ts';
import { bitRateText } from '../quantity-text.ts';

export type Fingerprint = Readonly<Record<string, string>>;

/**
 * What is not told has no key. Plimsoll's own version is none of the cluster, and thresholds that follow free memory move by
 * themselves: both are left out.
 */
export function fingerprintOf({ environment, workload, broker, versions, brokerVersion }: RunDescription): Fingerprint {
  const { hosts, brokers, generatorHost } = environment;
  const named = new Set([...brokers.flatMap(({ host }) => host ?? []), ...(generatorHost ? [generatorHost] : [])]);
  const entries: [string, string | number | undefined][] = [
    ['broker.software', broker],
    ['broker.version', brokerVersion],
    ['broker.count', brokers.length > 0 ? brokers.length : undefined],
    ['topic.partitions', workload.partitions],
    ['topic.replicas', workload.replicationFactor],
    ['client.messageBytes', workload.messageBytes],
    ['client.acks', workload.acks],
    ['client.groups', workload.groups],
    ['client.lingerSeconds', workload.lingerSeconds],
    ...Object.entries(versions ?? {}).flatMap(([name, version]): [string, string][] =>
      name === 'plimsoll' ? [] : [[`client.${name}`, version]],
    ),
    ...hosts
      .filter(({ host }) => named.has(host))
      .flatMap(({ host, os, kernel, cores, cpuModel, memoryBytes, networkDevices = [], disks = [], writeback }) => [
        ...([
          [`hosts.${host}.os`, os],
          [`hosts.${host}.kernel`, kernel],
          [`hosts.${host}.cores`, cores],
          [`hosts.${host}.cpu`, cpuModel],
          [`hosts.${host}.memoryBytes`, memoryBytes],
          [`hosts.${host}.dirtyExpireSeconds`, writeback?.expireSeconds],
        ] as [string, string | number | undefined][]),
        ...networkDevices.map(({ device, speed }): [string, string | undefined] => [
          `hosts.${host}.${device}.speed`,
          speed && bitRateText(speed.bitsPerSecond),
        ]),
        ...disks.map(({ device, sizeBytes }): [string, number | undefined] => [
          `hosts.${host}.${device}.bytes`,
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

export interface Drift {
  setting: string;
  a?: string;
  b?: string;
}

/** What differs, and what only one of both tells. */
export function driftOf(a: Fingerprint = {}, b: Fingerprint = {}): Drift[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .toSorted()
    .filter((key) => a[key] !== b[key])
    .map((setting) => ({
      setting,
      ...(a[setting] !== undefined && { a: a[setting] }),
      ...(b[setting] !== undefined && { b: b[setting] }),
    }));
}
