// Creates folders, replaces files atomically, and reads files of unknown size.

import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  createReadStream,
  type Stats,
} from 'node:fs';
import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { systemClock, untilAborted } from './clock.ts';
import { ignoreFault, AppError } from './errors.ts';

/** Distinguishes concurrent writes of one file, such as during a config reload. */
let writes = 0;

/** @param mode of a new file, less the umask; an existing file keeps its mode. Without it, only the owner has access */
export async function replaceFile(
  path: string,
  write: (file: FileHandle) => Promise<void>,
  { mode }: { mode?: number } = {},
): Promise<void> {
  makeFolder(dirname(path));
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
  makeFolder(dirname(path));
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

/**
 * Creates a folder and its parents. On file systems that reject a name with ENOENT, such as /proc, Node's recursive `mkdir`
 * never returns: it creates the parent, which exists, and retries.
 */
export function makeFolder(path: string, { mode = 0o777 }: { mode?: number } = {}): void {
  const whole = resolve(path);
  const parent = dirname(whole);
  if (refusalOf(whole, mode)?.code === 'ENOENT' && !existsSync(parent)) makeFolder(parent, { mode });
  const refusal = refusalOf(whole, mode);
  if (refusal !== undefined) throw refusal;
}

/** @returns undefined if the folder exists, perhaps because another process has created it */
function refusalOf(path: string, mode: number): NodeJS.ErrnoException | undefined {
  try {
    mkdirSync(path, { mode });
    return undefined;
  } catch (cause) {
    return existsSync(path) && statSync(path).isDirectory() ? undefined : (cause as NodeJS.ErrnoException);
  }
}

/** @returns undefined if there is no such file or folder. @throws every other failure of the read */
export async function ifPresent<Value>(read: Promise<Value>): Promise<Value | undefined> {
  try {
    return await read;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
  }
}

export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

/**
 * An abort also ends the wait for the writer of a pipe, for which Node cannot close the file.
 *
 * @returns one byte more than `most` if there is more; a pipe has no size to check first
 */
export async function readUpTo(path: string, most: number, { signal }: { signal: AbortSignal }): Promise<Buffer> {
  const parts: Promise<Buffer[]> = createReadStream(path, { end: most, signal }).toArray();
  return Buffer.concat(await untilAborted(parts, signal));
}

/** A device has no end, and opening a pipe waits for a writer. @throws AppError run-unreadable; errors of `stat` */
export async function statFile(path: string): Promise<Stats> {
  const found = await stat(path);
  if (found.isFile() || found.isDirectory()) return found;
  throw new AppError('run-unreadable', `cannot read ${path}: it is a device or a pipe`);
}
