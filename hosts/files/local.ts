// How are files of this machine read?

import type { Stats } from 'node:fs';
import { open, readdir, readlink, stat, statfs } from 'node:fs/promises';
import { AppError } from '../../core/errors.ts';
import type { FileStat, HostFiles } from '../host-files.ts';
import { readText } from '../read-text.ts';

export function openLocalFiles(): HostFiles {
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
    async statFileSystems(mountpoints) {
      const failures = new Map<string, string>();
      const sizes = await Promise.all(
        mountpoints.map(async (mountpoint) => {
          const answer = await statfs(mountpoint).catch(
            (cause: NodeJS.ErrnoException) => void failures.set(mountpoint, cause.code ?? cause.message),
          );
          if (answer === undefined) return undefined;
          const { bsize, blocks, bfree, bavail, files, ffree } = answer;
          return {
            sizeBytes: blocks * bsize,
            freeBytes: bfree * bsize,
            availableBytes: bavail * bsize,
            files,
            filesFree: ffree,
            isReadOnly: false,
          };
        }),
      );
      return {
        sizes: new Map(mountpoints.flatMap((path, index) => (sizes[index] ? [[path, sizes[index]] as const] : []))),
        hung: [],
        failures,
      };
    },
    async [Symbol.asyncDispose]() {},
  };
}

function toFileStat({ dev, ino, size, mtimeMs }: Stats): FileStat {
  return { identity: `${dev}:${ino}`, sizeBytes: size, modifiedAtMs: mtimeMs };
}
