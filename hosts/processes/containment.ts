// Finds whether a process runs in a container, whose paths are not those of its host.

import { join } from 'node:path/posix';
import type { HostFiles, Io } from '../host-files.ts';
import { parseNamespacePids } from '../proc/pid-status.ts';

/**
 * A container has its own process ids. Its own mounts do not show it: systemd (PrivateTmp, ProtectSystem) and
 * `ip netns exec` give a process some too, and its paths are still those of the host.
 *
 * @param status text of its status file
 * @returns false also where nothing shows it
 */
export async function readContainment(
  files: Pick<HostFiles, 'readLinks'>,
  { procfs, pid, status }: { procfs: string; pid: number; status: string },
  io: Io,
): Promise<boolean> {
  const ids = parseNamespacePids(status);
  if (ids !== undefined) return ids.length > 1;
  const linkOf = (each: number) => join(procfs, String(each), 'ns/pid');
  const links = await files.readLinks([linkOf(pid), linkOf(1)], io);
  const [own, outside] = [links.get(linkOf(pid)), links.get(linkOf(1))];
  return own !== undefined && outside !== undefined && own !== outside;
}
