// Lists the network cards of a machine and which of them are physical, from the links in /sys/class/net.

import { basename, join } from 'node:path/posix';
import type { Link } from '../../core/documents/evidence/host-reading.ts';
import type { HostFiles, Io } from '../host-files.ts';
import type { NetworkCard } from '../nic-speed.ts';
import { folderOfLinks } from './links.ts';
import type { LinuxRoots } from './roots.ts';

/** In a separate network namespace, sysfs may show the cards of another one: only names are known there. */
export async function readCards(
  files: HostFiles,
  { roots, links, names }: { roots: LinuxRoots; links: readonly Link[] | undefined; names: readonly string[] },
  io: Io,
): Promise<NetworkCard[]> {
  if (links === undefined || links.length === 0)
    return names.map((device) => ({ device, isPhysical: false, isVirtualFunction: false }));
  const folderOf = (device: string) => join(folderOfLinks(roots), device, 'device');
  const behind = await files.listAll(
    links.map(({ device }) => folderOf(device)),
    io,
  );
  const drivers = await files.readLinks(
    links.map(({ device }) => join(folderOf(device), 'driver')),
    io,
  );
  return links.map(({ device, reportedBitsPerSecond }) => {
    const entries = behind.get(folderOf(device));
    const driver = drivers.get(join(folderOf(device), 'driver'));
    return {
      device,
      isPhysical: entries !== undefined,
      isVirtualFunction: entries?.includes('physfn') ?? false,
      ...(driver !== undefined && { driver: basename(driver) }),
      ...(reportedBitsPerSecond !== undefined && { reportedBitsPerSecond }),
    };
  });
}
