// Parses /proc/meminfo, /proc/vmstat and the settings of dirty pages.

import { presentRecord } from '../present.ts';
import { numbersIn, wholeLines } from './whole-lines.ts';
import type { HostInventory } from '../../core/documents/evidence/host-reading.ts';

// Parses /proc/meminfo.

/**
 * Lines are `MemTotal:       24684096 kB`; parseHugePages reads lines without a unit.
 * @returns bytes by kernel names; a kB here is 1024 bytes.
 */
export const parseMeminfo = (text: string): Record<string, number> =>
  numbersIn(text, /^([A-Za-z]\S*):\s+(\d+) kB$/, 1024);

/** @returns lines without a unit, in pages: HugePages_Total, HugePages_Free, HugePages_Rsvd, HugePages_Surp */
export const parseHugePages = (text: string): Record<string, number> | undefined =>
  presentRecord(numbersIn(text, /^(HugePages_\w+):\s+(\d+)$/));

// Parses /proc/vmstat: `pgmajfault 5119`, by the kernel's names.

/** Keeps the counters that node_exporter keeps: faults, paging, swapping and kills. */
const keptCounter = /^((?:oom_kill|pgpg|pswp|pg\w*fault)\w*) (\d+)$/;

export const parseVmstat = (text: string): Record<string, number> | undefined =>
  presentRecord(numbersIn(text, keptCounter));

// Computes the dirty-page thresholds at which the kernel writes back and blocks writers, from /proc/sys/vm/dirty_*.

interface VmDirty {
  expireCentisecs: string;
  /** Absolute threshold; 0 if the ratio applies. */
  bytes: string | undefined;
  /** Percentage of memory that is free or reclaimable. */
  ratio: string | undefined;
}

/**
 * Documentation/admin-guide/sysctl/vm.rst: dirty_bytes and dirty_ratio are mutually exclusive, the unused one reads 0.
 * @param availableBytes MemAvailable, the published value closest to the kernel's base of the ratio
 */
export function parseVmDirty(text: VmDirty, availableBytes: number | undefined): HostInventory['writeback'] {
  const expire = parseSetting(text.expireCentisecs);
  if (expire === undefined) return undefined;
  const bytes = parseSetting(text.bytes);
  const ratio = parseSetting(text.ratio);
  const threshold =
    bytes !== undefined && bytes > 0
      ? bytes
      : ratio !== undefined && ratio > 0 && availableBytes !== undefined
        ? (ratio / 100) * availableBytes
        : undefined;
  return { expireSeconds: expire / 100, ...(threshold !== undefined && { dirtyThresholdBytes: threshold }) };
}

function parseSetting(text: string | undefined): number | undefined {
  const [word] = text === undefined ? [] : wholeLines(text);
  return word !== undefined && /^\d+$/.test(word) ? Number(word) : undefined;
}
