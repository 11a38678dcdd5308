// Finds the JVMs of a host with their command lines and listening ports.

import { join } from 'node:path/posix';
import type { HostFiles, Io } from '../host-files.ts';
import { parseListeningSockets } from '../proc/listening-sockets.ts';
import { parsePidStat } from '../proc/process.ts';
import { parseJvmCommand, type CommandLine } from './jvm-command.ts';
import { listPids, socketsOf } from './socket-holders.ts';

export interface Jvm {
  pid: number;
  command: CommandLine;
  startedAfterBootSeconds: number;
  /** Ascending; absent if this user may not see which sockets the process holds. */
  ports?: readonly number[];
}

/** Takes three round trips, and a fourth for socket owners; use it to search for JVMs, not in each reading. */
export async function findJvms(files: HostFiles, procfs: string, io: Io): Promise<Jvm[]> {
  const pids = await listPids(files, procfs, io);
  const commandOf = (pid: string) => join(procfs, pid, 'cmdline');
  const { texts } = await files.readAll(pids.map(commandOf), io);
  const started = pids.flatMap((pid) => {
    const command = parseJvmCommand(texts.get(commandOf(pid)) ?? '');
    return command === undefined ? [] : [{ pid, command }];
  });
  const jvms = started.map(({ pid }) => pid);
  const ports = await portsOf(files, procfs, jvms, io);
  const statOf = (pid: string) => join(procfs, pid, 'stat');
  const { texts: stats } = await files.readAll(jvms.map(statOf), io);
  return started.flatMap(({ pid, command }) => {
    const stat = parsePidStat(stats.get(statOf(pid)) ?? '');
    const listens = ports.get(pid);
    // The process ended between the two reads.
    if (stat === undefined) return [];
    const { startedAfterBootSeconds } = stat;
    return [{ pid: Number(pid), command, startedAfterBootSeconds, ...(listens && { ports: listens }) }];
  });
}

/** @returns ports by pid; processes with open files that this user may not list are absent */
async function portsOf(
  files: HostFiles,
  procfs: string,
  pids: readonly string[],
  io: Io,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const tables = (pid: string) => ['tcp', 'tcp6'].map((table) => join(procfs, pid, 'net', table));
  const { texts } = await files.readAll(pids.flatMap(tables), io);
  const sockets = await socketsOf(files, procfs, pids, io);
  return new Map(
    [...sockets].map(([pid, inodes]) => {
      const portOf = new Map(tables(pid).flatMap((path) => [...parseListeningSockets(texts.get(path) ?? '')]));
      const ports = new Set(inodes.flatMap((inode) => portOf.get(inode) ?? []));
      return [pid, [...ports].toSorted((a, b) => a - b)];
    }),
  );
}
