// Lists the network interfaces of a machine and which of them are physical, from the links in /sys/class/net.

import { basename, join } from 'node:path/posix';
import { defined } from '../../core/defined.ts';
import type { Link } from '../../core/documents/evidence/host-reading.ts';
import type { HostFiles, Io } from '../host-files.ts';
import { servesVirtualFunctions, type NetworkCard } from '../nic-speed.ts';
import { folderOfLinks } from './links.ts';
import type { LinuxRoots } from './roots.ts';

interface CardSource {
  roots: LinuxRoots;
  links: readonly Link[] | undefined;
  names: readonly string[];
  mayBeGuest: boolean;
}

/**
 * In a separate network namespace, sysfs may show the cards of another one, so only names are known there.
 *
 * @param mayBeGuest true if this may be a virtual machine, in which a virtual function looks like a full card
 */
export async function readCards(
  files: HostFiles,
  { roots, links, names, mayBeGuest }: CardSource,
  io: Io,
): Promise<NetworkCard[]> {
  if (links === undefined || links.length === 0)
    return names.map((device) => ({ device, isPhysical: false, isVirtualFunction: false }));
  const folderOf = (device: string) => join(folderOfLinks(roots), device, 'device');
  const masterOf = (device: string) => join(folderOfLinks(roots), device, 'master');
  const devices = links.map(({ device }) => device);
  const behind = await files.listAll(devices.map(folderOf), io);
  const linkPaths = devices.flatMap((device) => [join(folderOf(device), 'driver'), masterOf(device)]);
  const targets = await files.readLinks(linkPaths, io);
  const targetOf = (path: string) => {
    const target = targets.get(path);
    return target === undefined ? undefined : basename(target);
  };
  return links.map(({ device, words, reportedBitsPerSecond }) => {
    const entries = behind.get(folderOf(device));
    const driver = targetOf(join(folderOf(device), 'driver'));
    const master = targetOf(masterOf(device));
    return {
      device,
      isPhysical: entries !== undefined,
      isVirtualFunction: entries?.includes('physfn') === true || (mayBeGuest && servesVirtualFunctions(driver)),
      isDown: words['operstate'] === 'down',
      ...defined({ driver, master, reportedBitsPerSecond }),
    };
  });
}
