// Provides a folder like /proc with the network of a namespace.

import { mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';

/** @param pid of a process in the namespace @returns the folder: all except `net` is that of the machine */
export async function namespaceProcfs(pid: number, folder: string): Promise<string> {
  await mkdir(folder);
  for (const name of await readdir('/proc')) {
    if (name !== 'net' && !/^\d+$/.test(name)) await symlink(join('/proc', name), join(folder, name));
  }
  await symlink(`/proc/${pid}/net`, join(folder, 'net'));
  return folder;
}
