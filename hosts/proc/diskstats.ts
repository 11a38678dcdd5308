// Parses /proc/diskstats.

import type { DiskDevice } from '../../core/documents/evidence/host-reading.ts';
import { parseCounters, wholeLines } from './whole-lines.ts';

/** Sectors of /proc/diskstats and /sys/block are 512 bytes on every disk (Documentation/admin-guide/iostats.rst). */
const sectorBytes = 512;

/**
 * Partitions are included in their disk; ram, loop and floppy devices are not disks. Same as node_exporter's diskstats,
 * plus SD cards.
 */
const notADisk = /^(?:z?ram|loop|fd|(?:h|s|v|xv)d[a-z]+|nvme\d+n\d+p|mmcblk\d+(?:p|boot))\d+$/;

export function isDisk(device: string): boolean {
  return !notADisk.test(device);
}

/*
 *  254  0  vda  53470 9150 2794394 16849  28981 23654 3857280 7703  0 11300 25219  8400 47 …
 *  major    │   reads merged sectors ms   writes merged sectors ms  │   │     └ weighted ms (queue length integrated)
 *     minor name                                                in flight └ ms with any I/O in flight
 *  … then discards merged sectors ms (Linux 4.18) and flushes ms (Linux 5.5)
 */
export function parseDiskstats(text: string): DiskDevice[] {
  return disksOf(text).flatMap(({ device, counters }) => {
    if (counters.length < 11) return [];
    const [reads, readsMerged, sectorsRead, readMs, writes, writesMerged, sectorsWritten, writeMs] = counters as Eleven;
    const [, , , , , , , , ioNow, ioMs, weightedMs] = counters as Eleven;
    const [discards = 0, discardsMerged = 0, discardedSectors = 0, discardMs, flushes = 0, flushMs] =
      counters.slice(11);
    return {
      device,
      readsCompleted: reads,
      readsMerged,
      readBytes: sectorsRead * sectorBytes,
      readTimeSeconds: readMs / 1000,
      writesCompleted: writes,
      writesMerged,
      writtenBytes: sectorsWritten * sectorBytes,
      writeTimeSeconds: writeMs / 1000,
      ioNow,
      ioTimeSeconds: ioMs / 1000,
      ioTimeWeightedSeconds: weightedMs / 1000,
      ...(discardMs !== undefined && {
        discards: {
          completed: discards,
          merged: discardsMerged,
          sectors: discardedSectors,
          timeSeconds: discardMs / 1000,
        },
      }),
      ...(flushMs !== undefined && { flushes: { completed: flushes, timeSeconds: flushMs / 1000 } }),
    };
  });
}

/** @returns major and minor number of each disk, by its name */
export function parseDiskNumbers(text: string): Map<string, readonly [string, string]> {
  return new Map(disksOf(text).map(({ device, major, minor }) => [device, [major, minor]]));
}

/** @param text of /sys/block/DEVICE/size, in sectors; a drive without a medium has 0 */
export function parseDiskSize(text: string): number | undefined {
  return /^[1-9]\d*\n$/.test(text) ? Number(text) * sectorBytes : undefined;
}

function disksOf(text: string) {
  return wholeLines(text).flatMap((line) => {
    const [major, minor, device, ...fields] = line.trim().split(/\s+/);
    const counters = parseCounters(fields);
    if (major === undefined || minor === undefined || device === undefined || counters === undefined) return [];
    return isDisk(device) ? [{ major, minor, device, counters }] : [];
  });
}

type Eleven = [number, number, number, number, number, number, number, number, number, number, number];
