// Keeps the log files of each source open, so that a renamed or removed file can be read to its end.

import type { HostFiles, Io, OpenFile } from '../host-files.ts';
import { headBytes, type Content, type SeenFile } from './contents.ts';

interface Kept {
  content: Content;
  file: OpenFile;
  identity: string;
}

export function createOpenFiles(files: Pick<HostFiles, 'open' | 'statAll'>) {
  /** Open file by source. */
  const keptFiles = new Map<string, Kept>();

  const all = (): readonly Kept[] => [...keptFiles.values()];

  async function close(source: string): Promise<void> {
    const kept = keptFiles.get(source);
    keptFiles.delete(source);
    await kept?.file[Symbol.asyncDispose]();
  }

  async function isSame(file: OpenFile, { path, identity, sizeBytes }: SeenFile, io: Io): Promise<boolean> {
    const now = await file.stat(io);
    // Without inodes: the log that a JVM has just started is shorter than the one it renamed.
    if (identity === path) return now.sizeBytes >= sizeBytes;
    // Over SSH an open file has no inode, so uses the file at its path, which is at least as new as the open one.
    return (now.identity ?? (await files.statAll([path], io)).get(path)?.identity) === identity;
  }

  function closeUnlessKept(file: OpenFile, until: AsyncDisposableStack): void {
    until.defer(async () => {
      if (!all().some((kept) => kept.file === file)) await file[Symbol.asyncDispose]();
    });
  }

  return {
    all,
    isReading(content: Content): boolean {
      return all().some((kept) => kept.content === content);
    },
    /** @param until closes files that are not kept. @returns an empty head if the file was replaced */
    async openWithHead(seen: SeenFile, until: AsyncDisposableStack, io: Io): Promise<{ file: OpenFile; head: string }> {
      const { path, identity } = seen;
      for (const { file, content, identity: opened } of all()) {
        // Without inodes, the path is the identity, and another file may now have it.
        if (opened !== identity || identity === path) continue;
        try {
          return { file, head: await readHead(file, io) };
        } catch {
          // The connection of the open file broke.
          await close(content.source);
        }
      }
      const file = await files.open(path, io);
      closeUnlessKept(file, until);
      const head = await readHead(file, io);
      // The file may have been renamed since it was found, and replaced by another.
      return { file, head: (await isSame(file, seen, io)) ? head : '' };
    },
    /** Replaces the open file of the source; the previous one stays open until `until`, as it may still be read. */
    keep(kept: Kept, until: AsyncDisposableStack): void {
      const before = keptFiles.get(kept.content.source);
      keptFiles.set(kept.content.source, kept);
      if (before !== undefined && before.file !== kept.file) closeUnlessKept(before.file, until);
    },
    close,
    async [Symbol.asyncDispose](): Promise<void> {
      for (const source of keptFiles.keys()) await close(source);
    },
  };
}

async function readHead(file: OpenFile, io: Io): Promise<string> {
  return Buffer.from(await file.read(0, headBytes, io)).toString('latin1');
}
