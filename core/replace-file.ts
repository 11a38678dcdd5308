// Replaces a file atomically: a reader sees the old content or the new one.

import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { systemClock } from './clock.ts';
import { ignoreFault } from './errors.ts';
import { makeFolder } from './make-folder.ts';

/** Distinguishes concurrent writes of one file, such as during a config reload. */
let writes = 0;

/** @param mode of a new file, less the umask; an existing file keeps its mode. Without it, only the owner has access */
export async function replaceFile(
  path: string,
  write: (file: FileHandle) => Promise<void>,
  { mode }: { mode?: number } = {},
): Promise<void> {
  await makeFolder(dirname(path));
  removeEarlierDrafts(path);
  const unfinished = draftOf(path);
  try {
    const existing = mode === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
    await using file = await open(unfinished, 'w', mode ?? 0o600);
    if (existing !== undefined) await file.chmod(existing.mode & 0o777);
    await write(file);
    await file.datasync();
    await rename(unfinished, path);
  } catch (cause) {
    await rm(unfinished, { force: true });
    throw cause;
  }
}

/** For a small file that must be on disk when the call returns; only the owner has access. */
export function replaceFileSync(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  removeEarlierDrafts(path);
  const unfinished = draftOf(path);
  try {
    writeFileSync(unfinished, text, { mode: 0o600, flush: true });
    renameSync(unfinished, path);
  } catch (cause) {
    rmSync(unfinished, { force: true });
    throw cause;
  }
}

/** Age at which the temporary file of a killed process is abandoned. A younger one may still be written. */
const abandonedAfterMs = 3_600_000;

/** When the folder of a file was last searched for temporary files, milliseconds since the epoch. */
const searchedMs = new Map<string, number>();
const mostRemembered = 1000;

/** Runs before a write, rarely enough to cost nothing. */
export function removeEarlierDrafts(path: string): void {
  const now = systemClock.now();
  if (now.getTime() - (searchedMs.get(path) ?? -Infinity) < abandonedAfterMs) return;
  if (searchedMs.size >= mostRemembered) searchedMs.clear();
  searchedMs.set(path, now.getTime());
  removeAbandonedDrafts(path, now);
}

/** Deletes temporary files of this file that no process writes any more. */
export function removeAbandonedDrafts(path: string, now: Date): void {
  try {
    for (const name of readdirSync(dirname(path))) {
      if (!isDraftOf(name, basename(path))) continue;
      const draft = join(dirname(path), name);
      const { mtimeMs = Infinity } = statSync(draft, { throwIfNoEntry: false }) ?? {};
      if (mtimeMs < now.getTime() - abandonedAfterMs) rmSync(draft, { force: true });
    }
  } catch (cause) {
    ignoreFault('a draft that stays only takes space')(cause);
  }
}

/** Suffix from process and write number, or a UUID for a file that is created and never replaced. */
const draftEnding = /^(?:\d+-\d+|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})\.new$/;

export const isDraftOf = (name: string, file: string): boolean =>
  name.startsWith(`${file}.`) && draftEnding.test(name.slice(file.length + 1));

export const draftOf = (path: string) => `${path}.${process.pid}-${++writes}.new`;
