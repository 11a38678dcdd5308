// Replaces a file atomically: a reader sees the old content or the new one.

import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from './make-folder.ts';

/** While the config is read again two may write the same file. */
let writes = 0;

export async function replaceFile(
  path: string,
  write: (file: FileHandle) => Promise<void>,
  { mode = 0o600 }: { mode?: number } = {},
): Promise<void> {
  await makeFolder(dirname(path));
  const unfinished = draftOf(path);
  try {
    await using file = await open(unfinished, 'w', mode);
    await write(file);
    await file.datasync();
    await rename(unfinished, path);
  } catch (cause) {
    await rm(unfinished, { force: true });
    throw cause;
  }
}

/** For a small file that has to be in its place when the call returns; for its owner only. */
export function replaceFileSync(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = draftOf(path);
  try {
    writeFileSync(unfinished, text, { mode: 0o600 });
    renameSync(unfinished, path);
  } catch (cause) {
    rmSync(unfinished, { force: true });
    throw cause;
  }
}

const draftOf = (path: string) => `${path}.${process.pid}-${++writes}.new`;
