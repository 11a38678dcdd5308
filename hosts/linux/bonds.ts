// Reads bonded network cards and their members; without the bonding driver there are none.

import { join } from 'node:path/posix';
import type { Bond } from '../../core/documents/evidence/host-reading.ts';
import { parseBonding } from '../proc/bonding.ts';
import { folderOfLinks } from './links.ts';
import type { LinuxRoots, LinuxSection, Listing } from './roots.ts';

const folderOf = ({ net }: LinuxRoots) => join(net, 'bonding');

export const bonds: LinuxSection<Bond[]> = {
  folders: (roots) => [folderOf(roots)],
  files: (roots, listing) =>
    devicesIn(roots, listing).flatMap((device) => [
      join(folderOf(roots), device),
      ...(roots.isNetOfSysfs ? [aggregatorOf(roots, device)] : []),
    ]),
  parse: (textOf, roots, listing) =>
    devicesIn(roots, listing).flatMap(
      (device) =>
        parseBonding(device, textOf(join(folderOf(roots), device)) ?? '', textOf(aggregatorOf(roots, device))) ?? [],
    ),
};

const aggregatorOf = (roots: LinuxRoots, device: string) => join(folderOfLinks(roots), device, 'bonding/ad_aggregator');

const devicesIn = (roots: LinuxRoots, listing: Listing) => (listing.get(folderOf(roots)) ?? []).toSorted();
