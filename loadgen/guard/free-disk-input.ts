// Reads the free space of the file system that holds a broker's messages.

import type { FileSystem, HostReading } from '../../core/documents/evidence/host-reading.ts';
import { AppError } from '../../core/errors.ts';
import type { GuardInput } from './guard-input.ts';
import { mountOf } from '../../core/mount-of.ts';
import type { BrokerCoverage } from './readiness.ts';

/**
 * Any of the broker's folders may be the one that stores messages.
 *
 * @returns size of the file system with the least free space among those that hold the folders; undefined if the host
 * does not show all of them
 */
export function storeSizeOf(
  paths: readonly string[],
  { reading, isContained = false }: Pick<BrokerCoverage, 'reading' | 'isContained'>,
): FileSystem['size'] {
  const sizes = isContained ? [] : paths.flatMap((path) => mountOf(path, reading?.fileSystems ?? [])?.size ?? []);
  if (sizes.length < paths.length) return undefined;
  return sizes.toSorted((one, other) => one.availableBytes - other.availableBytes)[0];
}

/** @returns bytes that messages can use: without those reserved for root, as in df and in RocketMQ (UtilAll) */
export const usableBytesOf = ({ totalBytes, freeBytes, availableBytes }: NonNullable<FileSystem['size']>) =>
  totalBytes - freeBytes + availableBytes;

/** A busy machine responds late; the data written in half a minute is small compared with the free share. */
const oldestSeconds = 30;
/** A reading starts a process per mount, which alone can take a second there. */
const timeoutSeconds = 5;

/** @param read returns the current file systems of the broker's machine, or why they are missing */
export const freeDiskInput = (
  { broker, path, leastShare }: { broker: string; path: string; leastShare: number },
  read: (io: { signal: AbortSignal }) => Promise<Pick<HostReading, 'fileSystems' | 'unread'>>,
): GuardInput => ({
  name: `free share of the disk of broker ${broker} (${path})`,
  everySeconds: 1,
  oldestSeconds,
  timeoutSeconds,
  below: leastShare,
  ends: 'run',
  async read(io) {
    const { fileSystems = [], unread } = await read(io);
    const mount = mountOf(path, fileSystems);
    const usable = mount?.size && usableBytesOf(mount.size);
    if (mount?.size && usable) return mount.size.availableBytes / usable;
    const reason =
      unread?.fileSystems ??
      (mount?.error === undefined
        ? `its host reports no size of the file system that holds ${path}`
        : `its host could not measure ${mount.mountpoint}: ${mount.error}`);
    throw new AppError('guard-input-unreadable', reason);
  },
});
