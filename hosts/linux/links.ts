// Lists the network interfaces and their attributes from /sys/class/net.

import { join } from 'node:path/posix';
import { defined } from '../../core/defined.ts';
import type { Link } from '../../core/documents/evidence/host-reading.ts';
import { linkFigures, linkAttributes } from '../node-exporter/names.ts';
import { parseSpeed } from '../nic-speed.ts';
import type { LinuxRoots, LinuxSection, Listing, TextOf } from './roots.ts';

/** A container host has one interface per container; only the first ones are reported. */
const mostLinks = 512;

/** Files that contain one number, some in hexadecimal. */
const linkNumbers = [...Object.keys(linkFigures), 'statistics/rx_nohandler'];

const files = [...linkAttributes, ...linkNumbers, 'speed', 'uevent'];

export const folderOfLinks = ({ sysfs }: LinuxRoots) => join(sysfs, 'class/net');

export const links: LinuxSection<Link[]> = {
  folders: (roots) => (roots.isNetOfSysfs ? [folderOfLinks(roots)] : []),
  files: (roots, listing) =>
    devicesIn(roots, listing)?.flatMap((device) => files.map((file) => join(folderOfLinks(roots), device, file))) ?? [],
  // Cards of another network namespace are not in this sysfs.
  parse: (textOf, roots, listing) =>
    (roots.isNetOfSysfs ? devicesIn(roots, listing) : [])?.map((device) => {
      const folder = join(folderOfLinks(roots), device);
      return parseLink(device, (file) => textOf(join(folder, file)));
    }),
};

function devicesIn(roots: LinuxRoots, listing: Listing): string[] | undefined {
  const entries = listing.get(folderOfLinks(roots));
  // bonding_masters is a file among the links of the cards.
  return entries
    ?.filter((name) => name !== 'bonding_masters')
    .toSorted()
    .slice(0, mostLinks);
}

function parseLink(device: string, textOf: TextOf): Link {
  const words: Record<string, string> = {};
  for (const file of linkAttributes) {
    const text = textOf(file);
    if (text !== undefined) words[file] = text.trim();
  }
  const numbers: Record<string, number> = {};
  for (const file of linkNumbers) {
    const text = textOf(file)?.trim() ?? '';
    if (/^(?:\d+|0x[0-9a-f]+)$/.test(text)) numbers[file] = Number(text);
  }
  // Reading the speed of a card that is down fails with EINVAL.
  const speed = parseSpeed(textOf('speed') ?? '');
  const [, kind] = /^DEVTYPE=(\w+)$/m.exec(textOf('uevent') ?? '') ?? [];
  return defined({ device, kind, words, numbers, reportedBitsPerSecond: speed });
}
