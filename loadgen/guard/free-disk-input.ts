// Reads the free space of the file systems that hold a broker's messages.

import type { ReportedDisk } from '../../brokers/reported-disks.ts';
import type { Store } from '../../brokers/stores.ts';
import type { FileSystem, HostReading } from '../../core/documents/evidence/host-reading.ts';
import { AppError } from '../../core/errors.ts';
import type { GuardInput } from './guard-input.ts';
import { mountOf } from '../../core/mount-of.ts';
import type { BrokerCoverage } from './readiness.ts';

/** Keeps a broker from deleting its oldest messages, read or not, to make room for those of the test. */
export const leastShareOf = ({ deletesBeyondShare = 1 }: Pick<Store, 'deletesBeyondShare'>, freeDisk: number) =>
  Math.max(freeDisk, 1 - deletesBeyondShare);

type Mount = Pick<FileSystem, 'mountpoint' | 'size'> | ReportedDisk;

/** Free bytes, and how many of them the load must leave free. */
export interface Room {
  freeBytes: number;
  /** Free and used bytes of messages and others. */
  usableBytes: number;
  reserveBytes: number;
}

export const leftIn = ({ freeBytes, reserveBytes }: Room) => freeBytes - reserveBytes;

/**
 * Uses the disks that a broker reports where its host shows none of them, as for a container.
 *
 * @returns the room of each store, least first, since any may take the messages; empty if one of its disks is unknown
 */
export function roomsOf(
  stores: readonly Store[],
  freeDisk: number,
  {
    reading,
    isContained = false,
    reportedDisks = [],
  }: Pick<BrokerCoverage, 'reading' | 'isContained' | 'reportedDisks'>,
): Room[] {
  const fileSystems = (isContained ? undefined : reading?.fileSystems) ?? reportedDisks;
  const rooms = stores.map((store) => roomInStore(store, freeDisk, fileSystems));
  const known = rooms.filter((room) => room !== undefined);
  return known.length < rooms.length ? [] : known.toSorted((one, other) => leftIn(one) - leftIn(other));
}

/**
 * A broker fills its disks evenly and skips one without room while another has some. It does not skip the disk of the
 * consume queues, so each of the others gets no more messages than that one.
 */
function roomInStore(store: Store, freeDisk: number, fileSystems: readonly Mount[]): Room | undefined {
  const leastShare = leastShareOf(store, freeDisk);
  const mounts = new Set(store.paths.map((path) => mountOf(path, fileSystems)));
  const disks = [...mounts].flatMap((mount) => (mount?.size ? [roomOn(mount.size, leastShare)] : []));
  if (disks.length < mounts.size) return undefined;
  const ofIndex = mountOf(store.index ?? '', fileSystems);
  const most = ofIndex?.size && mounts.has(ofIndex) ? leftIn(roomOn(ofIndex.size, leastShare)) : Infinity;
  const open = disks.filter((disk) => leftIn(disk) > 0);
  const sum = { freeBytes: 0, usableBytes: 0, reserveBytes: 0 };
  for (const disk of open.length > 0 ? open : disks) {
    const surplus = Math.max(0, leftIn(disk) - most);
    sum.freeBytes += disk.freeBytes - surplus;
    sum.usableBytes += disk.usableBytes - surplus;
    sum.reserveBytes += disk.reserveBytes;
  }
  return sum;
}

function roomOn(size: ReportedDisk['size'], leastShare: number): Room {
  const usableBytes = usableBytesOf(size);
  return { freeBytes: size.availableBytes, usableBytes, reserveBytes: usableBytes * leastShare };
}

/** @returns bytes that messages can use: without those reserved for root, as in df and in RocketMQ (UtilAll) */
const usableBytesOf = ({ totalBytes, freeBytes, availableBytes }: ReportedDisk['size']) =>
  totalBytes - freeBytes + availableBytes;

/** A busy machine responds late; the data written in half a minute is small compared with the free share. */
const oldestSeconds = 30;
/** A reading starts a process per mount, which alone can take a second there. */
const timeoutSeconds = 5;

export const freeDiskInput = (
  broker: string,
  store: Store,
  freeDisk: number,
  read: GuardInput['read'],
): GuardInput => ({
  name: `free share of the disk of broker ${broker} (${[store.paths, store.index ?? []].flat().join(', ')})`,
  everySeconds: 1,
  oldestSeconds,
  timeoutSeconds,
  below: leastShareOf(store, freeDisk),
  ends: 'run',
  watches: { kind: 'free-disk', name: broker },
  read,
});

type HostDisks = Pick<HostReading, 'fileSystems' | 'unread'>;

/** @throws AppError guard-input-unreadable */
export function freeShareIn({ paths, index }: Store, reading: HostDisks): number {
  const shareOf = (path: string) => freeShareOf(path, reading);
  return Math.min(Math.max(...paths.map(shareOf)), index === undefined ? 1 : shareOf(index));
}

function freeShareOf(path: string, { fileSystems = [], unread }: HostDisks): number {
  const mount = mountOf(path, fileSystems);
  const usable = mount?.size && usableBytesOf(mount.size);
  if (mount?.size && usable) return mount.size.availableBytes / usable;
  const reason =
    unread?.fileSystems ??
    (mount?.error === undefined
      ? `its host reports no size of the file system that holds ${path}`
      : `its host could not measure ${mount.mountpoint}: ${mount.error}`);
  throw new AppError('guard-input-unreadable', reason);
}
