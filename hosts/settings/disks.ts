// Reads scheduler, rotational flag and underlying disks of each block device from /sys/block.

import { join } from 'node:path/posix';
import type { DiskSettings } from '../../core/documents/evidence/host-settings.ts';
import { defined } from '../../core/defined.ts';
import type { HostFiles, Io } from '../host-files.ts';
import type { LinuxRoots } from '../linux/roots.ts';

/** Device names that are not disks: a container host may have hundreds of loop devices. */
const noDisk = /^(?:loop|ram|zram|fd|sr|nbd)\d/;
const mostDisks = 256;

/** Needs two round trips. */
export async function readDiskSettings(files: HostFiles, { sysfs }: LinuxRoots, io: Io): Promise<DiskSettings[]> {
  const root = join(sysfs, 'block');
  const names = ((await files.listAll([root], io)).get(root) ?? [])
    .filter((name) => !noDisk.test(name))
    .toSorted()
    .slice(0, mostDisks);
  const at = (device: string, file: string) => join(root, device, file);
  const paths = names.flatMap((device) =>
    ['queue/scheduler', 'queue/rotational', 'dm/name', 'md/level'].map((file) => at(device, file)),
  );
  const folders = names.map((device) => at(device, 'slaves'));
  const [{ texts }, members] = await Promise.all([files.readAll(paths, io), files.listAll(folders, io)]);
  return names.map((device) => {
    const wordOf = (file: string) => texts.get(at(device, file))?.trim();
    // The active scheduler is in brackets: `[none] mq-deadline`; a device without a scheduler has `none`.
    const scheduler = wordOf('queue/scheduler');
    const [, chosen = scheduler] = /\[([\w-]+)\]/.exec(scheduler ?? '') ?? [];
    const rotational = wordOf('queue/rotational');
    return {
      device,
      ...defined({
        scheduler: chosen,
        isRotational: { '0': false, '1': true }[rotational ?? ''],
        mapperName: wordOf('dm/name'),
        raidLevel: wordOf('md/level'),
      }),
      members: members.get(at(device, 'slaves')) ?? [],
    };
  });
}
