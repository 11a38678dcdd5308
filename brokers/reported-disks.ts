// Lists the disks that a broker reports, and compares them with the host's: the paths of a container are not those of its host.

import type { FileSystem } from '../core/documents/evidence/host-reading.ts';
import { mountOf } from '../core/mount-of.ts';
import { reportedBy } from './reported.ts';
import type { ClusterSnapshot } from './snapshot.ts';

/** RocketMQ prints one decimal of the unit, such as `1.0 TiB`. */
const rounding = 0.05;

/** The disk below a folder of a broker, as the broker reports it. */
export interface ReportedDisk {
  mountpoint: string;
  size: Pick<NonNullable<FileSystem['size']>, 'totalBytes' | 'freeBytes' | 'availableBytes'>;
}

/** @returns whether the host has another file system at a path of the broker: one of another size or with other free space */
export function isOnOtherDisks(broker: string, snapshot: ClusterSnapshot, fileSystems: readonly FileSystem[]): boolean {
  return reportedDisks(broker, snapshot).some(({ mountpoint, size: { totalBytes, freeBytes } }) => {
    const size = mountOf(mountpoint, fileSystems)?.size;
    const isOther = (one: number, other: number) => Math.abs(one - other) > rounding * totalBytes;
    if (size === undefined) return false;
    // Kafka reports the bytes that it may use, RocketMQ the free ones.
    const isOtherFree = isOther(size.availableBytes, freeBytes) && isOther(size.freeBytes, freeBytes);
    return isOther(size.totalBytes, totalBytes) || isOtherFree;
  });
}

export function reportedDisks(broker: string, snapshot: ClusterSnapshot): ReportedDisk[] {
  const { disks = [] } = reportedBy(snapshot).broker(snapshot, broker);
  return disks.flatMap(({ path: mountpoint, totalBytes: total, usableBytes: free }) => {
    if (mountpoint === undefined || total === undefined || free === undefined) return [];
    const [totalBytes, freeBytes] = [Number(total), Number(free)];
    return { mountpoint, size: { totalBytes, freeBytes, availableBytes: freeBytes } };
  });
}

/** Sections in which brokers report their disks. */
const diskSections: ReadonlySet<string> = new Set(['runtime', 'log-dirs']);

/** @returns used share of the disks of its messages, by which RocketMQ deletes the oldest; absent if not read now */
export function usedDiskRatio(broker: string, snapshot: ClusterSnapshot | undefined): number | undefined {
  const isFresh = snapshot?.sections.some(
    (each) => diskSections.has(each.section) && each.broker === broker && each.kind === 'fresh',
  );
  return snapshot && isFresh ? reportedBy(snapshot).broker(snapshot, broker).diskUsedRatio : undefined;
}
