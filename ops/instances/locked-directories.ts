// Finds data directories in use by a JVM of the host, from its settings or from the lock file it holds.

import { join } from 'node:path/posix';
import type { Io } from '../../brokers/driver.ts';
import type { FoundInstance } from '../../hosts/instances/find-instances.ts';
import type { InstanceHost } from '../../hosts/instances/instance-host.ts';
import { findJvms } from '../../hosts/processes/find-jvms.ts';

/** `.lock` of a Kafka log directory, `lock` of a RocketMQ store. */
const lockNames = ['.lock', 'lock'] as const;

/*
 *   1: POSIX  ADVISORY  WRITE 1234 fe:01:131077 0 EOF
 *                              pid  └ device: major and minor in hexadecimal, inode in decimal
 */
export function parseLocks(text: string): Map<string, number> {
  const locks = text.matchAll(/^\d+: (?:POSIX|FLOCK|OFDLCK)\s+\S+\s+WRITE (\d+) [0-9a-f]+:[0-9a-f]+:(\d+) /gm);
  return new Map(locks.map(([, pid, inode = '']) => [inode, Number(pid)]));
}

/**
 * Does not compare devices: a layered file system has different ones in stat(2) and /proc/locks. Checks instead that
 * the holder is a JVM.
 *
 * @returns pid by directory
 */
async function lockedDirectories({ files, procfs }: InstanceHost, directories: readonly string[], io: Io) {
  const path = join(procfs, 'locks');
  const locks = parseLocks((await files.readAll([path], io)).texts.get(path) ?? '');
  if (locks.size === 0) return new Map();
  const jvms = new Set((await findJvms(files, procfs, io)).map(({ pid }) => pid));
  const lockFiles = directories.flatMap((folder) => lockNames.map((name) => ({ folder, file: join(folder, name) })));
  const stats = await files.statAll(
    lockFiles.map(({ file }) => file),
    io,
  );
  return new Map(
    lockFiles.flatMap(({ folder, file }) => {
      const inode = stats.get(file)?.identity?.split(':')[1];
      const pid = inode === undefined ? undefined : locks.get(inode);
      return pid === undefined || !jvms.has(pid) ? [] : [[folder, pid] as const];
    }),
  );
}

export interface Running {
  running: readonly FoundInstance[];
  /** The instance to start, which may use its directories. */
  self: FoundInstance | undefined;
}

/** @returns directories used by a process other than `self` */
export async function directoriesInUse(
  host: InstanceHost,
  directories: readonly string[],
  { running, self }: Running,
  io: Io,
): Promise<{ folder: string; pid: number }[]> {
  const others = running.filter((each) => each.pid !== self?.pid);
  const locked = await lockedDirectories(host, directories, io);
  return directories.flatMap((folder) => {
    const user = others.find(({ settings }) => settings.directories.includes(folder));
    const pid = user?.pid ?? locked.get(folder);
    return pid === undefined || pid === self?.pid ? [] : [{ folder, pid }];
  });
}
