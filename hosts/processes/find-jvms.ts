// Finds the JVMs of a host with their command lines and listening ports.

import { join } from 'node:path/posix';
import type { HostFiles, Io } from '../host-files.ts';
import { parseListeningSockets, socketInode } from '../proc/listening-sockets.ts';
import { parsePidStat } from '../proc/pid-stat.ts';
import { parseJvmCommand, type CommandLine } from './jvm-command.ts';

export interface Jvm {
  pid: number;
  command: CommandLine;
  startedAfterBootSeconds: number;
  /** Ascending; absent where this user may not see which sockets the process holds. */
  ports?: readonly number[];
}

/** Takes three round trips, and a fourth for socket owners; called to search for JVMs, not at each reading. */
export async function findJvms(files: HostFiles, procfs: string, io: Io): Promise<Jvm[]> {
  const names = (await files.listAll([procfs], io)).get(procfs) ?? [];
  const pids = names.filter((name) => /^\d+$/.test(name)).toSorted((a, b) => Number(a) - Number(b));
  const commandOf = (pid: string) => join(procfs, pid, 'cmdline');
  const { texts } = await files.readAll(pids.map(commandOf), io);
  const started = pids.flatMap((pid) => {
    const command = parseJvmCommand(texts.get(commandOf(pid)) ?? '');
    return command === undefined ? [] : [{ pid, command }];
  });
  const ports = await portsOf(
    files,
    procfs,
    started.map(({ pid }) => pid),
    io,
  );
  const statOf = (pid: string) => join(procfs, pid, 'stat');
  const stats = (
    await files.readAll(
      started.map(({ pid }) => statOf(pid)),
      io,
    )
  ).texts;
  return started.flatMap(({ pid, command }) => {
    const stat = parsePidStat(stats.get(statOf(pid)) ?? '');
    const listens = ports.get(pid);
    // One that ended between the two reads is not there any more.
    if (stat === undefined) return [];
    const { startedAfterBootSeconds } = stat;
    return [{ pid: Number(pid), command, startedAfterBootSeconds, ...(listens && { ports: listens }) }];
  });
}

/** @returns by pid; a process whose open files this user may not list is not there */
async function portsOf(
  files: HostFiles,
  procfs: string,
  pids: readonly string[],
  io: Io,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const tables = (pid: string) => ['tcp', 'tcp6'].map((table) => join(procfs, pid, 'net', table));
  const folderOf = (pid: string) => join(procfs, pid, 'fd');
  const { texts } = await files.readAll(pids.flatMap(tables), io);
  const folders = await files.listAll(pids.map(folderOf), io);
  const paths = pids.flatMap((pid) => (folders.get(folderOf(pid)) ?? []).map((name) => join(folderOf(pid), name)));
  const links = await files.readLinks(paths, io);
  return new Map(
    pids.flatMap((pid) => {
      const opened = folders.get(folderOf(pid));
      if (opened === undefined) return [];
      const portOf = new Map(tables(pid).flatMap((path) => [...parseListeningSockets(texts.get(path) ?? '')]));
      const ports = opened.flatMap((name) => {
        const inode = socketInode(links.get(join(folderOf(pid), name)));
        return (inode === undefined ? undefined : portOf.get(inode)) ?? [];
      });
      return [[pid, [...new Set(ports)].toSorted((a, b) => a - b)] as const];
    }),
  );
}
