// Computes rates of a host between two counter readings over the elapsed time; restarted counters have no rate.

import type {
  CpuTimes,
  DiskDevice,
  HostReading,
  NetworkDevice,
} from '../../../core/documents/evidence/host-reading.ts';
import type { HostInterval } from '../load-test-run.ts';
import { uncountedPerFrame } from '../../../core/wire/ethernet.ts';

export interface TimedReading {
  elapsedSeconds: number;
  reading: HostReading;
}

/** @returns undefined if no time passed */
export function intervalBetween(before: TimedReading, after: TimedReading): HostInterval | undefined {
  if (!(after.elapsedSeconds > before.elapsedSeconds)) return undefined;
  const duration = secondsBetween(before, after);
  const cpu = cpuBetween(before.reading.cpus, after.reading.cpus);
  const network = devicesBetween(before.reading.networkDevices, after.reading.networkDevices, (old, now) => {
    const link = linkBetween(old, now, duration);
    return link && { ...link, ...queueAt(now.device, after.reading.queues) };
  });
  const disks = devicesBetween(before.reading.disks, after.reading.disks, (old, now) =>
    diskBetween(old, now, duration),
  );
  const memory = memoryAt(after.reading.memoryBytes);
  const retransmits = retransmitsBetween(before.reading.netstat, after.reading.netstat);
  return {
    from: before.elapsedSeconds,
    to: after.elapsedSeconds,
    ...(cpu && { cpu }),
    ...(network && { network }),
    ...(disks && { disks }),
    ...(memory && { memory }),
    ...(retransmits !== undefined && { retransmitsPerSecond: retransmits / duration }),
  };
}

/** Resolution of /proc/uptime. */
const uptimeResolutionSeconds = 0.01;
/** If a host's clock differs by more than this share of the elapsed time, the cause is not a late timestamp. */
const largestClockMiss = 0.5;

/**
 * Counters are read together with the uptime of their host; the clock of the run is read later, when a busy load
 * generator is scheduled. Delays of up to 7% of a second were measured, which would shift rates by as much.
 */
function secondsBetween(before: TimedReading, after: TimedReading): number {
  const elapsed = after.elapsedSeconds - before.elapsedSeconds;
  const uptime = (after.reading.uptimeSeconds ?? Number.NaN) - (before.reading.uptimeSeconds ?? Number.NaN);
  const miss = Math.abs(uptime - elapsed);
  return miss > uptimeResolutionSeconds && miss <= largestClockMiss * elapsed ? uptime : elapsed;
}

/** @returns segments that TCP retransmitted; undefined if they were not read, or the counter restarted */
function retransmitsBetween(before: HostReading['netstat'], after: HostReading['netstat']): number | undefined {
  const segments = (after?.['Tcp_RetransSegs'] ?? Number.NaN) - (before?.['Tcp_RetransSegs'] ?? Number.NaN);
  return segments >= 0 ? segments : undefined;
}

/**
 * Busy is every mode except idle and iowait, over all modes: the kernel's ticks are the clock, so a late reading has no
 * effect. Steal counts as busy: the hypervisor gave that time to others, so it is not available for messages
 * (proc_stat(5)).
 */
function cpuBetween(
  before: readonly CpuTimes[] | undefined,
  after: readonly CpuTimes[] | undefined,
): HostInterval['cpu'] {
  if (!before || !after || before.length !== after.length || after.length === 0) return undefined;
  const sum = { busyCores: 0, iowaitCores: 0, stealCores: 0, hottestCore: 0, hottestIndex: 0 };
  for (const [index, now] of after.entries()) {
    const old = before[index] as CpuTimes;
    // On Linux, iowait and idle may decrease by a tick (proc_stat(5)); a decrease of other modes means another boot.
    const idle = Math.max(0, now.idle - old.idle);
    const iowait = Math.max(0, now.iowait - old.iowait);
    const user = now.user - old.user;
    const nice = now.nice - old.nice;
    const system = now.system - old.system;
    const irq = now.irq - old.irq;
    const softirq = now.softirq - old.softirq;
    const steal = now.steal - old.steal;
    if (Math.min(user, nice, system, irq, softirq, steal) < 0) return undefined;
    const busy = user + nice + system + irq + softirq + steal;
    const all = busy + idle + iowait;
    // An offline core does not tick.
    if (all === 0) continue;
    sum.busyCores += busy / all;
    sum.iowaitCores += iowait / all;
    sum.stealCores += steal / all;
    if (busy / all > sum.hottestCore) [sum.hottestCore, sum.hottestIndex] = [busy / all, index];
  }
  return { ...sum, cores: after.length };
}

function linkBetween(before: NetworkDevice, after: NetworkDevice, duration: number) {
  const received = after.receiveBytes - before.receiveBytes;
  const sent = after.transmitBytes - before.transmitBytes;
  const framesIn = after.receivePackets - before.receivePackets;
  const framesOut = after.transmitPackets - before.transmitPackets;
  if (received < 0 || sent < 0 || framesIn < 0 || framesOut < 0) return undefined;
  return {
    device: after.device,
    inBytesPerSecond: (received + uncountedPerFrame * framesIn) / duration,
    outBytesPerSecond: (sent + uncountedPerFrame * framesOut) / duration,
    inFramesPerSecond: framesIn / duration,
    outFramesPerSecond: framesOut / duration,
  };
}

function queueAt(device: string, queues: HostReading['queues']): { backlogBytes?: number } {
  const queue = queues?.find((each) => each.device === device);
  return queue === undefined ? {} : { backlogBytes: queue.backlogBytes };
}

function diskBetween(before: DiskDevice, after: DiskDevice, duration: number) {
  const requests = after.readsCompleted + after.writesCompleted - before.readsCompleted - before.writesCompleted;
  const waited = after.readTimeSeconds + after.writeTimeSeconds - before.readTimeSeconds - before.writeTimeSeconds;
  const busy = after.ioTimeSeconds - before.ioTimeSeconds;
  const written = after.writtenBytes - before.writtenBytes;
  if (requests < 0 || waited < 0 || busy < 0 || written < 0) return undefined;
  return {
    device: after.device,
    busy: busy / duration,
    ...(requests > 0 && { awaitSeconds: waited / requests }),
    writtenBytesPerSecond: written / duration,
  };
}

function devicesBetween<Device extends { device: string }, Rate>(
  before: readonly Device[] | undefined,
  after: readonly Device[] | undefined,
  rate: (before: Device, after: Device) => Rate | undefined,
): Rate[] | undefined {
  if (!before || !after) return undefined;
  const rates: Rate[] = [];
  for (const [index, device] of after.entries()) {
    const earlier = isNamed(device, before[index]) ? before[index] : before.find((each) => isNamed(device, each));
    const between = earlier && rate(earlier, device);
    if (between) rates.push(between);
  }
  return rates;
}

/** Devices usually have the same order. */
function isNamed(device: { device: string }, other: { device: string } | undefined): boolean {
  return other?.device === device.device;
}

function memoryAt(memory: HostReading['memoryBytes']): HostInterval['memory'] {
  const total = memory?.['MemTotal'];
  const available = memory?.['MemAvailable'];
  if (total === undefined || available === undefined) return undefined;
  return { totalBytes: total, usedBytes: Math.max(0, total - available) };
}
