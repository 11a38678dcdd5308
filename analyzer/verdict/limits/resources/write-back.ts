// Decides whether a step shows the disk or only the page cache: dirty pages are written when they expire or pile up.

import type { DiskHidden } from '../../../../core/documents/findings/disk-findings.ts';
import { wholeDisk } from './data-disks.ts';
import type { ObservedStep, NodeSeries } from './model.ts';

/** During this many horizons, the first pages of a step are written back while dirty pages still accumulate. */
const horizons = 3;

type WriteBack = NonNullable<NonNullable<NodeSeries['host']['inventory']>['writeback']>;

/**
 * A step shows the disk only if it lasts longer than three write-back horizons (vm.dirty_expire_centisecs) and writes
 * more than the dirty threshold, above which writers wait for the disk (Linux, Documentation/admin-
 * guide/sysctl/vm.rst).
 */
export function tellsOfDisk(step: ObservedStep, series: NodeSeries): boolean {
  const thresholdBytes = series.host.inventory?.writeback?.dirtyThresholdBytes;
  return thresholdBytes !== undefined && isWrittenBack(step, series) && writtenBytes(step) > thresholdBytes;
}

/** @returns whether the disk received most pages of the step, because they expired */
export function isWrittenBack(step: ObservedStep, { host: { inventory } }: NodeSeries): boolean {
  return inventory?.writeback !== undefined && outlasts(step, inventory.writeback);
}

/** @returns why no step shows the disk, or undefined if at least one does */
export function hiddenByPageCache(steps: readonly ObservedStep[], series: NodeSeries): DiskHidden | undefined {
  if (steps.some((step) => tellsOfDisk(step, series))) return undefined;
  const { host } = series;
  const writeback = host.inventory?.writeback;
  if (writeback?.dirtyThresholdBytes === undefined) return { kind: 'write-back-unknown', host: host.host };
  const { expireSeconds, dirtyThresholdBytes: thresholdBytes } = writeback;
  const lasting = steps.filter((step) => outlasts(step, writeback));
  if (lasting.length === 0) {
    return { kind: 'steps-too-short', longestSeconds: Math.max(0, ...steps.map(settledSeconds)), expireSeconds };
  }
  return { kind: 'too-little-written', mostBytes: Math.max(...lasting.map(writtenBytes)), thresholdBytes };
}

function outlasts(step: ObservedStep, { expireSeconds }: WriteBack): boolean {
  return settledSeconds(step) >= horizons * expireSeconds;
}

function settledSeconds({ step: { window } }: ObservedStep): number {
  return window.to - window.from;
}

/** A mirror writes each page to two members, so the array's writes are subtracted from theirs. */
export const array = /^md\d+$/;

/** The dirty threshold applies to all disks of the host together. */
function writtenBytes({ intervals }: ObservedStep): number {
  return intervals.reduce((sum, { from, to, disks = [] }) => {
    const all = disks.map(({ writtenBytesPerSecond }) => writtenBytesPerSecond);
    const sumOf = (name: RegExp) =>
      all.reduce((total, written, index) => total + (name.test(disks[index]?.device ?? '') ? written : 0), 0);
    // LVM and three-way mirrors count too high.
    return sum + (to - from) * Math.max(sumOf(wholeDisk) - sumOf(array), ...all);
  }, 0);
}
