// What has each disk done? From /proc/diskstats.

import type { DiskDevice } from '../../core/host-reading.ts';
import { parseCounters, wholeLines } from './whole-lines.ts';

/** Sectors of /proc/diskstats are 512 bytes whatever the disk's own are (Documentation/admin-guide/iostats.rst). */
const sectorBytes = 512;

/** Partitions are counted in their disk; ram, loop and floppy devices are none. As node_exporter's diskstats, and SD cards. */
const notADisk = /^(?:z?ram|loop|fd|(?:h|s|v|xv)d[a-z]+|nvme\d+n\d+p|mmcblk\d+(?:p|boot))\d+$/;

export function isDisk(device: string): boolean {
  return !notADisk.test(device);
}

/*
 *  254  0  vda  53470 9150 2794394 16849  28981 23654 3857280 7703  0 11300 25219  8400 47 …
 *  major    │   reads merged sectors ms   writes merged sectors ms  │   │     └ weighted ms (queue length integrated)
 *     minor name                                                in flight └ ms with any I/O in flight
 */
export function parseDiskstats(text: string): DiskDevice[] {
  const disks: DiskDevice[] = [];
  for (const line of wholeLines(text)) {
    const [, , device, ...words] = line.trim().split(/\s+/);
    if (device === undefined || !isDisk(device)) continue;
    const counters = parseCounters(words.slice(0, 11));
    if (counters?.length !== 11) continue;
    const [reads, , sectorsRead, readMs, writes, , sectorsWritten, writeMs, ioNow, ioMs, weightedMs] =
      counters as Eleven;
    disks.push({
      device,
      readsCompleted: reads,
      readBytes: sectorsRead * sectorBytes,
      readTimeSeconds: readMs / 1000,
      writesCompleted: writes,
      writtenBytes: sectorsWritten * sectorBytes,
      writeTimeSeconds: writeMs / 1000,
      ioNow,
      ioTimeSeconds: ioMs / 1000,
      ioTimeWeightedSeconds: weightedMs / 1000,
    });
  }
  return disks;
}

type Eleven = [number, number, number, number, number, number, number, number, number, number, number];
