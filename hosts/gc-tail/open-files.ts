// Keeps the log files of each source open, so that a renamed or removed file can be read to its end.

import type { HostFiles, Io, OpenFile } from '../host-files.ts';
import { headBytes, type Content, type SeenFile } from './contents.ts';

interface Kept {
  content: Content;
  file: OpenFile;
  identity: string;
}

export class OpenFiles implements AsyncDisposable {
  readonly #files: Pick<HostFiles, 'open' | 'statAll'>;
  /** Open file by source. */
  readonly #kept = new Map<string, Kept>();

  constructor(files: Pick<HostFiles, 'open' | 'statAll'>) {
    this.#files = files;
  }

  get all(): readonly Kept[] {
    return [...this.#kept.values()];
  }

  isReading(content: Content): boolean {
    return this.all.some((kept) => kept.content === content);
  }

  /** @param until closes files that are not kept. @returns an empty head if the file was replaced */
  async openWithHead(seen: SeenFile, until: AsyncDisposableStack, io: Io): Promise<{ file: OpenFile; head: string }> {
    const { path, identity } = seen;
    for (const { file, content, identity: opened } of this.all) {
      // Without inodes, the path is the identity, and another file may now have it.
      if (opened !== identity || identity === path) continue;
      try {
        return { file, head: await readHead(file, io) };
      } catch {
        // The connection of the open file broke.
        await this.close(content.source);
      }
    }
    const file = await this.#files.open(path, io);
    this.#closeUnlessKept(file, until);
    const head = await readHead(file, io);
    // The file may have been renamed since it was found, and replaced by another.
    return { file, head: (await this.#isSame(file, seen, io)) ? head : '' };
  }

  async #isSame(file: OpenFile, { path, identity, sizeBytes }: SeenFile, io: Io): Promise<boolean> {
    const now = await file.stat(io);
    // Without inodes: the log that a JVM has just started is shorter than the one it renamed.
    if (identity === path) return now.sizeBytes >= sizeBytes;
    // Over SSH an open file has no inode, so uses the file at its path, which is at least as new as the open one.
    return (now.identity ?? (await this.#files.statAll([path], io)).get(path)?.identity) === identity;
  }

  /** Replaces the open file of the source; the previous one stays open until `until`, as it may still be read. */
  keep(kept: Kept, until: AsyncDisposableStack): void {
    const before = this.#kept.get(kept.content.source);
    this.#kept.set(kept.content.source, kept);
    if (before !== undefined && before.file !== kept.file) this.#closeUnlessKept(before.file, until);
  }

  async close(source: string): Promise<void> {
    const kept = this.#kept.get(source);
    this.#kept.delete(source);
    await kept?.file[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const source of this.#kept.keys()) await this.close(source);
  }

  #closeUnlessKept(file: OpenFile, until: AsyncDisposableStack): void {
    until.defer(async () => {
      if (!this.all.some((kept) => kept.file === file)) await file[Symbol.asyncDispose]();
    });
  }
}

async function readHead(file: OpenFile, io: Io): Promise<string> {
  return Buffer.from(await file.read(0, headBytes, io)).toString('latin1');
}
