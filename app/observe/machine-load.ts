// Computes the busiest resource of a host between two samples: CPU, disks or network cards.

import { cpuUse } from '../../core/cpu-seconds.ts';
import type { HostReading } from '../../core/documents/evidence/host-reading.ts';
import type { Resource } from '../../core/resource.ts';
import { directions, wireBytesBetween } from '../../core/wire/ethernet.ts';

export interface MachineSample {
  /** On a monotonic clock. */
  atSeconds: number;
  reading: HostReading;
  /** Bits per second by device, for cards with a known speed. */
  speeds: ReadonlyMap<string, number>;
}

export interface MachineLoad {
  resource: Extract<Resource, 'cpu' | 'disk-io' | 'network-in' | 'network-out'>;
  /** Disk or card. */
  device?: string;
  /** Busy share of time or, for a card, share of its speed. */
  busyRatio: number;
}

/** A disk is busy while any request is pending, so a disk with parallel requests may have spare capacity. Absent without a comparison. */
export function busiestOf(before: MachineSample, after: MachineSample): MachineLoad | undefined {
  return loadsOf(before, after).sort((one, other) => other.busyRatio - one.busyRatio)[0];
}

/** Loads of the CPU, each disk, and each direction of cards with a known speed. */
export function loadsOf(before: MachineSample, after: MachineSample): MachineLoad[] {
  return [...cpuLoad(before, after), ...diskLoads(before, after), ...cardLoads(before, after)];
}

function* cpuLoad(before: MachineSample, after: MachineSample): Iterable<MachineLoad> {
  if (before.reading.cpus === undefined || after.reading.cpus === undefined) return;
  const busyRatio = cpuUse(before.reading.cpus, after.reading.cpus);
  if (busyRatio !== undefined) yield { resource: 'cpu', busyRatio };
}

function* diskLoads(before: MachineSample, after: MachineSample): Iterable<MachineLoad> {
  const seconds = after.atSeconds - before.atSeconds;
  for (const { device, ioTimeSeconds } of after.reading.disks ?? []) {
    const earlier = before.reading.disks?.find((each) => each.device === device);
    if (earlier === undefined || ioTimeSeconds < earlier.ioTimeSeconds || seconds <= 0) continue;
    // Two different clocks, so the ratio may exceed 1.
    yield { resource: 'disk-io', device, busyRatio: Math.min(1, (ioTimeSeconds - earlier.ioTimeSeconds) / seconds) };
  }
}

const resourceOf = { receive: 'network-in', transmit: 'network-out' } as const;

function* cardLoads(before: MachineSample, after: MachineSample): Iterable<MachineLoad> {
  const seconds = after.atSeconds - before.atSeconds;
  for (const now of after.reading.networkDevices ?? []) {
    const { device } = now;
    const [earlier, speed] = [
      before.reading.networkDevices?.find((each) => each.device === device),
      after.speeds.get(device),
    ];
    if (earlier === undefined || speed === undefined || seconds <= 0) continue;
    for (const direction of directions) {
      const bytes = wireBytesBetween(earlier, now, direction);
      if (bytes === undefined) continue;
      yield { resource: resourceOf[direction], device, busyRatio: (8 * bytes) / seconds / speed };
    }
  }
}
