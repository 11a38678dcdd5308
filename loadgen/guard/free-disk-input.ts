// Reads the free space of the file system that holds a broker's messages.

import type { FileSystem, HostReading } from '../../core/documents/evidence/host-reading.ts';
import { AppError } from '../../core/errors.ts';
import type { GuardInput } from './guard-input.ts';
import { mountOf } from '../../core/mount-of.ts';

/** @returns the file system of the path: the innermost mount among those with a known size */
export function fileSystemOf(path: string, fileSystems: readonly FileSystem[]): FileSystem | undefined {
  return mountOf(
    path,
    fileSystems.filter(({ size }) => size !== undefined),
  );
}

/** A busy machine answers late; what a disk takes in half a minute is little beside the share that is kept free. */
const oldestSeconds = 30;

/** @param read gives the file systems of the broker's machine now, or why they are missing */
export const freeDiskInput = (
  { broker, path, leastShare }: { broker: string; path: string; leastShare: number },
  read: (io: { signal: AbortSignal }) => Promise<Pick<HostReading, 'fileSystems' | 'unread'>>,
): GuardInput => ({
  name: `free share of the disk of broker ${broker} (${path})`,
  everySeconds: 1,
  oldestSeconds,
  below: leastShare,
  ends: 'run',
  async read(io) {
    const { fileSystems = [], unread } = await read(io);
    const size = fileSystemOf(path, fileSystems)?.size;
    if (size !== undefined && size.totalBytes > 0) return size.availableBytes / size.totalBytes;
    const mount = mountOf(path, fileSystems);
    const reason =
      unread?.fileSystems ??
      (mount?.error === undefined
        ? `its host reports no size of the file system that holds ${path}`
        : `its host could not measure ${mount.mountpoint}: ${mount.error}`);
    throw new AppError('guard-input-unreadable', reason);
  },
});
