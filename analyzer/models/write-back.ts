// Did a step see the disk, or only the page cache? Written pages reach the disk when they expire or when too many are dirty.

import type { ObservedStep, NodeSeries } from './model.ts';

/** Until then the first pages of a step are written back while others still pile up. */
const horizons = 3;

/**
 * A step tells of the disk only when it outlasts three write-back horizons (vm.dirty_expire_centisecs) and writes more than the
 * dirty threshold, from which on writers wait for the disk (Linux, Documentation/admin-guide/sysctl/vm.rst).
 *
 * @returns why no step does, or undefined when at least one does
 */
export function hiddenByPageCache(steps: readonly ObservedStep[], { host }: NodeSeries): string | undefined {
  const writeback = host.inventory?.writeback;
  if (writeback?.dirtyThresholdBytes === undefined) return `the write-back settings of ${host.host} are not known`;
  const needed = horizons * writeback.expireSeconds;
  const longest = Math.max(0, ...steps.map(({ step }) => step.window.to - step.window.from));
  if (longest < needed) {
    return `the longest settled step lasted ${Math.round(longest)} s, and dirty pages may stay in memory for ${writeback.expireSeconds} s (three times that are needed)`;
  }
  const written = Math.max(0, ...steps.map(writtenBytes));
  if (written > writeback.dirtyThresholdBytes) return undefined;
  return `the most written in a step was ${megabytes(written)}, within the ${megabytes(writeback.dirtyThresholdBytes)} that may be dirty`;
}

function writtenBytes({ intervals }: ObservedStep): number {
  return intervals.reduce((sum, { from, to, disks = [] }) => {
    return sum + (to - from) * Math.max(0, ...disks.map(({ writtenBytesPerSecond }) => writtenBytesPerSecond));
  }, 0);
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
