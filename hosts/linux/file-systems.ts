// Reads the fill level of each mounted file system; a hung mount is reported and does not delay the reading.

import { join } from 'node:path/posix';
import type { FileSystem } from '../../core/documents/evidence/host-reading.ts';
import { isRefusal } from '../files/mount-sizes.ts';
import type { HostFiles, Io } from '../host-files.ts';
import { parseMounts } from '../proc/mounts.ts';
import type { LinuxRoots, TextOf } from './roots.ts';

/** Mounts of process 1, because this process may be in another mount namespace; its own mounts if access is denied. */
export const mountFiles = ({ procfs }: LinuxRoots) => [join(procfs, '1/mounts'), join(procfs, 'self/mounts')];

/** @returns undefined if commands cannot run, as for a user with SFTP only or in a container without stat(1) */
export async function readFileSystems(
  files: HostFiles,
  { textOf, roots }: { textOf: TextOf; roots: LinuxRoots },
  io: Io,
): Promise<FileSystem[] | undefined> {
  const [text] = mountFiles(roots).flatMap((path) => textOf(path) ?? []);
  if (text === undefined) return undefined;
  const mounts = parseMounts(text);
  const placeOf = (mountpoint: string) => join(roots.rootfs, mountpoint);
  const places = [...new Set(mounts.map(({ mountpoint }) => placeOf(mountpoint)))];
  const { sizes, hung, failures } = await files.statFileSystems(places, io);
  if (places.length > 0 && sizes.size + hung.length + failures.size === 0) return undefined;
  return mounts.map((mount) => {
    const place = placeOf(mount.mountpoint);
    const size = sizes.get(place);
    if (size === undefined) {
      const failure = failures.get(place);
      if (failure !== undefined && isRefusal(failure)) {
        return { ...mount, isRefused: true, error: 'permission denied' };
      }
      const error = hung.includes(place) ? 'it hangs' : (failure ?? 'it did not answer');
      return { ...mount, error };
    }
    return { ...mount, size };
  });
}
