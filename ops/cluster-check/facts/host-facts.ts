// Collects the facts of a host: kernel settings and values derived from its readings.

import type { HostReading } from '../../../core/documents/evidence/host-reading.ts';
import { factsFrom, notThere, unread, unreadableSource, type Fact, type FactSource, type Subject } from '../fact.ts';
import type { CheckedHost } from '../checked-cluster.ts';
import type { ProcessReading } from '../../../core/documents/evidence/process-reading.ts';
import { jvmSetup } from './jvm-flags.ts';

export function hostSources(
  checked: CheckedHost,
  cacheRatios: readonly number[],
): { sysctl: FactSource; host: FactSource } {
  return { sysctl: sysctlFacts(checked), host: machineFacts(checked, cacheRatios) };
}

export const hostSubject = (checked: CheckedHost, cacheRatios: readonly number[]): Subject => ({
  on: 'host',
  id: checked.host,
  sources: hostSources(checked, cacheRatios),
  names: { host: checked.host },
});

function sysctlFacts({ host, settings, trouble }: CheckedHost): FactSource {
  if (settings === undefined) {
    return unreadableSource(trouble ?? `the probe of host ${host} does not read kernel settings`);
  }
  const reasons = new Map(Object.entries(settings.unread));
  const otherwise = (key: string) => {
    const reason = reasons.get(key);
    return reason === undefined ? notThere(`the kernel of ${host} has no ${key}`) : unread(reason);
  };
  return factsFrom(settings.sysctls, (key) => `host ${host}, sysctl ${key}`, otherwise);
}

function machineFacts(checked: CheckedHost, cacheRatios: readonly number[]): FactSource {
  const { host, inventory, reading, settings, trouble } = checked;
  const ramBytes = inventory?.memoryBytes ?? reading?.memoryBytes?.['MemTotal'];
  const minFree = Number(settings?.sysctls['vm.min_free_kbytes'] ?? Number.NaN) * 1024;
  const promised = reservedBytes(reading?.processes ?? [], ramBytes, cacheRatios);
  const cards = new Set((inventory?.networkDevices ?? []).map(({ device }) => device));
  const carries = (device: string) => cards.has(device);
  // Links of another network namespace are not listed.
  const listed = reading?.links ?? [];
  const links = listed.length === 0 ? undefined : listed.filter(({ device }) => carries(device));
  const halfDuplex = links?.filter(({ words }) => /^half$/i.test(words['duplex'] ?? ''));
  const slow = links?.filter(({ device, reportedBitsPerSecond: reported }) => {
    const known = inventory?.networkDevices?.find((each) => each.device === device)?.speed?.bitsPerSecond;
    return reported !== undefined && known !== undefined && reported < known;
  });
  const counted = reading?.networkDevices?.filter(({ device }) => carries(device));
  const values = {
    ramBytes,
    cores: inventory?.cores,
    swapUsedBytes: swapUsed(reading),
    minFreeShare: ramBytes === undefined || Number.isNaN(minFree) ? undefined : minFree / ramBytes,
    hugePagesEnabled: settings?.hugePages.enabled ?? reading?.memorySettings?.transparentHugePages,
    hugePagesDefrag: settings?.hugePages.defrag,
    persistsDropCaches: settings?.persisted?.some(({ key, value }) => key === 'vm.drop_caches' && value !== '0'),
    differsFromFiles: differsFromFiles(settings),
    softnetDropped: reading?.softnet?.reduce((sum, { dropped }) => sum + dropped, 0),
    kernelRelease: releaseNumber(settings?.sysctls['kernel.osrelease'] ?? inventory?.kernel),
    clockOffsetSeconds: reading?.time?.timex?.['offset_seconds'],
    halfDuplexCards: list(halfDuplex?.map(({ device }) => device)),
    slowCards: list(slow?.map(({ device }) => device)),
    // The inventory lists members of bonds, not the bonds.
    bondMembersDown: reading?.bonds?.reduce((sum, { members, membersUp }) => sum + members - membersUp, 0),
    cardErrors: counted?.reduce((sum, card) => sum + card.receiveErrors + card.transmitErrors, 0),
    promisedMemoryShare: shareOf(promised, ramBytes),
  };
  const dropFile = settings?.persisted?.find(({ key }) => key === 'vm.drop_caches')?.file;
  const source = factsFrom(values, `host ${host}`, (name) =>
    unread(
      inventory === undefined && reading === undefined
        ? (trouble ?? `host ${host} was not read`)
        : `host ${host} does not report ${name}`,
    ),
  );
  if (dropFile === undefined || values.persistsDropCaches !== true) return source;
  const fact: Fact = { kind: 'read', value: true, shown: dropFile, where: `host ${host}, ${dropFile}` };
  return { ...source, facts: new Map([...source.facts, ['persistsDropCaches', fact]]) };
}

function swapUsed(reading: HostReading | undefined): number | undefined {
  const { SwapTotal: total, SwapFree: free } = reading?.memoryBytes ?? {};
  return total === undefined || free === undefined ? undefined : total - free;
}

/** Only keys that are read here; other keys in files are not checked. */
function differsFromFiles(settings: CheckedHost['settings']): string | undefined {
  if (settings?.persisted === undefined) return undefined;
  const kept = new Map(settings.persisted.map(({ key, value }) => [key, value]));
  return list(
    Object.entries(settings.sysctls).flatMap(([key, now]) => {
      const then = kept.get(key);
      return then === undefined || then === now ? [] : [`${key} is ${now}, ${then} in the files`];
    }),
  );
}

/** `3.10.0-1160.el7` is 3010, so that 3.9 is lower. */
function releaseNumber(release: string | undefined): number | undefined {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(release ?? '') ?? [];
  return major === undefined ? undefined : Number(major) * 1000 + Number(minor);
}

/** @returns `none` for an empty list, so that a rule can require it */
export const list = (items: readonly string[] | undefined) => items && (items.length === 0 ? 'none' : items.join(', '));

/** @returns undefined if one of them is unknown, or the whole is 0 */
export const shareOf = (part: number | undefined, whole: number | undefined): number | undefined =>
  part === undefined || whole === undefined || Number.isNaN(whole) || whole === 0
    ? undefined
    : Math.round((part / whole) * 1000) / 1000;

const rocketmqBroker = /^org\.apache\.rocketmq\.(broker|container)\./;

/**
 * Counts Kafka's direct memory only if configured: the JVM's default limit equals its heap, and Kafka uses little.
 * Counts the full limit for RocketMQ, because its network buffers and its pool of write buffers are allocated there.
 *
 * @param cacheRatios percent of the memory that each RocketMQ broker of the machine expects to be page cache
 *   (accessMessageInMemoryMaxRatio); a broker with an unknown setting has the default, 40
 * @returns bytes; undefined if no JVM was found, or the memory size is unknown
 */
export function reservedBytes(
  processes: readonly ProcessReading[],
  memoryBytes: number | undefined,
  cacheRatios: readonly number[],
): number | undefined {
  const running = processes.flatMap((each) => (each.state === 'running' ? [each.process] : []));
  if (running.length === 0 || memoryBytes === undefined) return undefined;
  const isRocketmq = (mainClass: string | undefined) => rocketmqBroker.test(mainClass ?? '');
  const ofProcesses = running.reduce((sum, process) => {
    const { heapBytes = 0, directBytes = 0, isDirectStated } = jvmSetup(process, memoryBytes);
    return sum + heapBytes + (isDirectStated || isRocketmq(process.jvm.mainClass) ? directBytes : 0);
  }, 0);
  const brokers = running.filter(({ jvm }) => isRocketmq(jvm.mainClass)).length;
  const ratios = Array.from({ length: brokers }, (_, index) => cacheRatios[index] ?? 40);
  return ofProcesses + ratios.reduce((sum, ratio) => sum + (ratio / 100) * memoryBytes, 0);
}
