// Computes the dirty-page thresholds at which the kernel writes back and blocks writers, from /proc/sys/vm/dirty_*.

import type { HostInventory } from '../../core/documents/evidence/host-reading.ts';
import { wholeLines } from './whole-lines.ts';

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
