// Lists NVMe controllers; a machine without NVMe has no /sys/class/nvme.

import { join } from 'node:path/posix';
import type { Nvme } from '../../core/documents/evidence/host-reading.ts';
import type { LinuxRoots, LinuxSection, Listing } from './roots.ts';

const folderOf = ({ sysfs }: LinuxRoots) => join(sysfs, 'class/nvme');
const files = ['firmware_rev', 'model', 'serial', 'state'] as const;

export const nvme: LinuxSection<Nvme[]> = {
  folders: (roots) => [folderOf(roots)],
  files: (roots, listing) =>
    devicesIn(roots, listing).flatMap((device) => files.map((word) => join(folderOf(roots), device, word))),
  parse: (textOf, roots, listing) =>
    devicesIn(roots, listing).map((device) => {
      const valueOf = (word: (typeof files)[number]) => textOf(join(folderOf(roots), device, word))?.trim() ?? '';
      return {
        device,
        firmwareRevision: valueOf('firmware_rev'),
        model: valueOf('model'),
        serial: valueOf('serial'),
        state: valueOf('state'),
      };
    }),
};

const devicesIn = (roots: LinuxRoots, listing: Listing) => (listing.get(folderOf(roots)) ?? []).toSorted();
