// Detects whether a process runs in a container, where paths differ from those of its host.

import { join } from 'node:path/posix';
import type { HostFiles, Io } from '../host-files.ts';
import { parseNamespacePids } from '../proc/process.ts';

/**
 * A container has separate process ids. Mounts are not sufficient: systemd (PrivateTmp, ProtectSystem) and `ip netns
 * exec` also give a process separate mounts, and its paths are still those of the host.
 *
 * @param status text of its status file
 * @returns false also if there is no evidence
 */
export async function readContainment(
  files: Pick<HostFiles, 'readLinks'>,
  { procfs, pid, status }: { procfs: string; pid: number; status: string },
  io: Io,
): Promise<boolean> {
  const ids = parseNamespacePids(status);
  if (ids !== undefined && ids.length > 1) return true;
  const spaces = [pid, 1].map((each) => join(procfs, String(each), 'ns/pid'));
  const links = await files.readLinks(spaces, io);
  return areDistinct(spaces.map((path) => links.get(path)));
}

/**
 * Detects a separate root, as in a container with the host's process ids (`--pid=host`); also true for a snap, although
 * its data has host paths.
 */
export async function hasOwnRoot(
  files: Pick<HostFiles, 'readAll'>,
  { procfs, pid }: { procfs: string; pid: number },
  io: Io,
): Promise<boolean> {
  const mounts = [pid, 1].map((each) => join(procfs, String(each), 'mountinfo'));
  const { texts } = await files.readAll(mounts, io);
  return areDistinct(mounts.map((path) => rootIn(texts.get(path))));
}

const areDistinct = ([own, outside]: readonly (string | undefined)[]): boolean =>
  own !== undefined && outside !== undefined && own !== outside;

/**
 * Parses `29 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw`.
 * @returns `8:1 /`; empty after chroot(2), which a container may use
 */
const rootIn = (mountinfo: string | undefined): string | undefined =>
  mountinfo === undefined ? undefined : (/^\d+ \d+ (\d+:\d+ \S+) \/ /m.exec(mountinfo)?.[1] ?? '');
