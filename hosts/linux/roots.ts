// Defines the root folders below which a host's files are read, and the type of one section of a reading.

import { posix } from 'node:path';
import type { LocalHost } from '../config.ts';

export type LinuxRoots = ReturnType<typeof rootsOf>;

export function rootsOf({
  procfs,
  sysfs,
  rootfs,
  network,
}: Pick<LocalHost, 'procfs' | 'sysfs' | 'rootfs' | 'network'>) {
  /** Folder of `dev`, `netstat` and the like: that of the machine, or of one process in its own network namespace. */
  const net = network.procfs ?? posix.join(procfs, 'net');
  // Whether sysfs shows the cards of `net`: it may show another network namespace.
  return { procfs, sysfs, rootfs, net, isNetOfSysfs: network.procfs === undefined };
}

/** @returns the file of the network namespace that `net` shows; undefined of the one this process is in */
export function namespaceOf({ procfs, net }: LinuxRoots): string | undefined {
  if (net === '/proc/net') return undefined;
  const folder = posix.dirname(net);
  return posix.join(folder === procfs ? posix.join(procfs, '1') : folder, 'ns', 'net');
}

/** What one folder holds, by its path; one that could not be listed is not there. */
export type Listing = ReadonlyMap<string, readonly string[]>;

/** @returns undefined for what could not be read */
export type TextOf = (path: string) => string | undefined;

/** One section of a reading: its files and how to parse them. All sections wanted are read in one go. */
export interface LinuxSection<Value> {
  /** Folders whose entries determine which files exist. */
  folders?(roots: LinuxRoots): readonly string[];
  files(roots: LinuxRoots, listing: Listing): readonly string[];
  /** @returns undefined when the machine does not have it */
  parse(textOf: TextOf, roots: LinuxRoots, listing: Listing): Value | undefined;
}
