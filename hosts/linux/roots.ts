// Defines the root folders of a host's files, and the type of one section of a reading.

import { posix } from 'node:path';
import type { LocalHost } from '../config.ts';

export type LinuxRoots = ReturnType<typeof rootsOf>;

export function rootsOf({
  procfs,
  sysfs,
  rootfs,
  network,
}: Pick<LocalHost, 'procfs' | 'sysfs' | 'rootfs' | 'network'>) {
  /** Folder of `dev`, `netstat` and similar files: of the machine, or of a process in another network namespace. */
  const net = network.procfs ?? posix.join(procfs, 'net');
  // Whether sysfs shows the cards of `net`: it may show another network namespace.
  return { procfs, sysfs, rootfs, net, isNetOfSysfs: network.procfs === undefined };
}

/** @returns the file of the network namespace that `net` shows; undefined for the namespace of this process */
export function namespaceOf({ procfs, net }: LinuxRoots): string | undefined {
  if (net === '/proc/net') return undefined;
  const folder = posix.dirname(net);
  return posix.join(folder === procfs ? posix.join(procfs, '1') : folder, 'ns', 'net');
}

/** Names in each folder, by path; folders that could not be listed are absent. */
export type Listing = ReadonlyMap<string, readonly string[]>;

/** @returns undefined for a file that could not be read */
export type TextOf = (path: string) => string | undefined;

/** One section of a reading: its files and how to parse them. All requested sections are read together. */
export interface LinuxSection<Value> {
  /** Folders with entries that determine which files exist. */
  folders?(roots: LinuxRoots): readonly string[];
  files(roots: LinuxRoots, listing: Listing): readonly string[];
  /** @returns undefined if the machine does not have this section */
  parse(textOf: TextOf, roots: LinuxRoots, listing: Listing): Value | undefined;
}
