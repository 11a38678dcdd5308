// How are files of this machine read?

import { execFile } from 'node:child_process';
import type { Stats } from 'node:fs';
import { open, readdir, readlink, stat } from 'node:fs/promises';
import { systemClock, type Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { FileStat, HostFiles } from '../host-files.ts';
import { readText } from '../read-text.ts';
import { createMountSizes, statFileSystemArguments } from './mount-sizes.ts';

export function openLocalFiles({ clock = systemClock }: { clock?: Clock } = {}): HostFiles {
  return {
    async readAll(paths, io) {
      const texts = new Map<string, string>();
      const failures = new Map<string, string>();
      await Promise.all(
        paths.map(async (path) => {
          try {
            texts.set(path, await readText(path, io));
          } catch (cause) {
            failures.set(path, (cause as NodeJS.ErrnoException).code ?? (cause as Error).message);
          }
        }),
      );
      io.signal.throwIfAborted();
      return { texts, failures };
    },
    async listAll(folders) {
      const lists = await Promise.all(folders.map((folder) => readdir(folder).catch(() => undefined)));
      return new Map(folders.flatMap((folder, index) => (lists[index] === undefined ? [] : [[folder, lists[index]]])));
    },
    async readLinks(paths) {
      const links = await Promise.all(paths.map((path) => readlink(path).catch(() => undefined)));
      return new Map(paths.flatMap((path, index) => (links[index] === undefined ? [] : [[path, links[index]]])));
    },
    async statAll(paths) {
      const stats = await Promise.all(paths.map((path) => stat(path).then(toFileStat, () => undefined)));
      return new Map(paths.flatMap((path, index) => (stats[index] === undefined ? [] : [[path, stats[index]]])));
    },
    async open(path) {
      const handle = await open(path).catch((cause: Error) => {
        throw new AppError('host-unreadable', `cannot open ${path}: ${cause.message}`, { cause });
      });
      return {
        stat: async () => toFileStat(await handle.stat()),
        async read(offset, length) {
          const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, offset);
          return buffer.subarray(0, bytesRead);
        },
        [Symbol.asyncDispose]: () => handle.close(),
      };
    },
    statFileSystems: createMountSizes(askSizes, clock),
    async [Symbol.asyncDispose]() {},
  };
}

function toFileStat({ dev, ino, size, mtimeMs }: Stats): FileStat {
  return { identity: `${dev}:${ino}`, sizeBytes: size, modifiedAtMs: mtimeMs };
}

/** In a process of its own: statfs(2) of a mount that hangs would keep one of the few threads that read files here. */
function askSizes(paths: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const environment = { ...process.env, LC_ALL: 'C' };
  return new Promise((resolve, reject) => {
    execFile('stat', [...statFileSystemArguments, ...paths], { env: environment }, (error, stdout, stderr) => {
      // It exits with 1 when one of them could not be asked; then its code is a number.
      if (typeof error?.code === 'string') reject(error);
      else resolve({ stdout, stderr });
    }).unref();
  });
}
