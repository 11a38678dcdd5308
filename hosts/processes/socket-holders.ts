// Finds the processes that hold listening sockets.

import { join } from 'node:path/posix';
import type { HostFiles, Io } from '../host-files.ts';
import { socketInode } from '../proc/listening-sockets.ts';

export interface SocketHolder {
  pid: number;
  program: string;
}

/**
 * Reads the open files of every process: for a conflict, not for each look.
 *
 * @returns by inode; a process whose open files this user may not list is not there. @throws AppError host-unreadable
 */
export async function socketHolders(
  files: HostFiles,
  procfs: string,
  inodes: ReadonlySet<string>,
  io: Io,
): Promise<ReadonlyMap<string, SocketHolder>> {
  const names = (await files.listAll([procfs], io)).get(procfs) ?? [];
  const pids = names.filter((name) => /^\d+$/.test(name)).toSorted((one, other) => Number(one) - Number(other));
  const folderOf = (pid: string) => join(procfs, pid, 'fd');
  const folders = await files.listAll(pids.map(folderOf), io);
  const opened = pids.flatMap((pid) =>
    (folders.get(folderOf(pid)) ?? []).map((name) => [pid, join(folderOf(pid), name)] as const),
  );
  const links = await files.readLinks(
    opened.map(([, path]) => path),
    io,
  );
  const pidOf = new Map<string, string>();
  for (const [pid, path] of opened) {
    const inode = socketInode(links.get(path));
    // Children share a socket with the process that opened it, which is the older one.
    if (inode !== undefined && inodes.has(inode) && !pidOf.has(inode)) pidOf.set(inode, pid);
  }
  const nameOf = (pid: string) => join(procfs, pid, 'comm');
  const { texts } = await files.readAll([...new Set(pidOf.values())].map(nameOf), io);
  return new Map(
    [...pidOf].map(([inode, pid]) => [inode, { pid: Number(pid), program: texts.get(nameOf(pid))?.trim() ?? '?' }]),
  );
}
