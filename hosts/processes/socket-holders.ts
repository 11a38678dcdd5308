// Finds the processes that hold listening sockets.

import { join } from 'node:path/posix';
import type { HostFiles, Io } from '../host-files.ts';
import { socketInode } from '../proc/listening-sockets.ts';

/**
 * Reads the open files of every process: only use it for a conflict, not in each reading.
 *
 * @returns holders by inode; processes with open files that this user may not list are absent.
 * @throws AppError host-unreadable
 */
export async function socketHolders(
  files: HostFiles,
  procfs: string,
  inodes: ReadonlySet<string>,
  io: Io,
): Promise<ReadonlyMap<string, { pid: number; program: string }>> {
  const sockets = await socketsOf(files, procfs, await listPids(files, procfs, io), io);
  const pidOf = new Map<string, string>();
  for (const [pid, held] of sockets) {
    // Children share a socket with the process that opened it, which is the older one.
    for (const inode of held) if (inodes.has(inode) && !pidOf.has(inode)) pidOf.set(inode, pid);
  }
  const nameOf = (pid: string) => join(procfs, pid, 'comm');
  const { texts } = await files.readAll([...new Set(pidOf.values())].map(nameOf), io);
  return new Map(
    [...pidOf].map(([inode, pid]) => [inode, { pid: Number(pid), program: texts.get(nameOf(pid))?.trim() ?? '?' }]),
  );
}

/** Lists pids in ascending order. */
export async function listPids(files: HostFiles, procfs: string, io: Io): Promise<string[]> {
  const names = (await files.listAll([procfs], io)).get(procfs) ?? [];
  return names.filter((name) => /^\d+$/.test(name)).toSorted((one, other) => Number(one) - Number(other));
}

/** @returns inodes by pid, in order; processes with open files that this user may not list are absent */
export async function socketsOf(
  files: HostFiles,
  procfs: string,
  pids: readonly string[],
  io: Io,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const folderOf = (pid: string) => join(procfs, pid, 'fd');
  const folders = await files.listAll(pids.map(folderOf), io);
  const pathsOf = (pid: string) => folders.get(folderOf(pid))?.map((name) => join(folderOf(pid), name));
  const paths = new Map(pids.map((pid) => [pid, pathsOf(pid)]));
  const links = await files.readLinks(
    [...paths.values()].flatMap((opened) => opened ?? []),
    io,
  );
  return new Map(
    [...paths].flatMap(([pid, opened]) =>
      opened === undefined ? [] : [[pid, opened.flatMap((path) => socketInode(links.get(path)) ?? [])] as const],
    ),
  );
}
