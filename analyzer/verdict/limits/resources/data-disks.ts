// Finds the disks of a host that store messages, by their names and bytes written.

import type { HostIntervals } from '../../../evidence/load-test-run.ts';

/** Names of whole disks in the kernel and AWS; partitions and devices stacked on disks (LVM, encryption) repeat their writes. */
export const wholeDisk = /^(?:(?:h|s|v|xv)d[a-z]+|nvme\d+n\d+|vol-[\da-f]+)$/;

/** A disk with a smaller share of the busiest disk's bytes holds logs and programs, not messages. */
export const leastShareOfBusiest = 0.1;

/** @returns names of whole disks; if none is known, of all devices */
export function dataDisksOf(intervals: HostIntervals): string[] {
  const written = new Map<string, number>();
  for (const { from, to, disks = [] } of intervals) {
    for (const { device, writtenBytesPerSecond } of disks)
      written.set(device, (written.get(device) ?? 0) + writtenBytesPerSecond * (to - from));
  }
  const whole = [...written].filter(([device]) => wholeDisk.test(device));
  const devices = whole.length > 0 ? whole : [...written];
  const most = Math.max(...devices.map(([, bytes]) => bytes));
  return devices.filter(([, bytes]) => bytes >= leastShareOfBusiest * most).map(([device]) => device);
}
