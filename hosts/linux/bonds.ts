// Reads bonded network cards and their members; without the bonding driver there are none.

import { basename, join } from 'node:path/posix';
import type { Bond } from '../../core/documents/evidence/host-reading.ts';
import { parseBonding } from '../proc/bonding.ts';
import type { LinuxRoots, LinuxSection, Listing } from './roots.ts';

const folderOf = ({ net }: LinuxRoots) => join(net, 'bonding');

export const bonds: LinuxSection<Bond[]> = {
  folders: (roots) => [folderOf(roots)],
  files: filesOf,
  parse: (textOf, roots, listing) =>
    filesOf(roots, listing).flatMap((path) => parseBonding(basename(path), textOf(path) ?? '') ?? []),
};

function filesOf(roots: LinuxRoots, listing: Listing): string[] {
  const devices = listing.get(folderOf(roots)) ?? [];
  return devices.toSorted().map((device) => join(folderOf(roots), device));
}
