// Creates a folder and those above it, one after the other.

import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Where a file system refuses a name with ENOENT, as /proc does, `mkdir` of Node with `recursive` never returns: it makes the
 * parent, which is there, and tries again.
 */
export async function makeFolder(path: string): Promise<void> {
  const whole = resolve(path);
  const cause = await refusalOf(whole);
  if (cause === undefined) return;
  if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause as Error;
  const parent = dirname(whole);
  // It may be there by now: another makes the same folders.
  if (!(await isFolder(parent))) await makeFolder(parent);
  const last = await refusalOf(whole);
  if (last !== undefined) throw last as Error;
}

/** @returns why the folder could not be made; undefined once it is there */
async function refusalOf(path: string): Promise<unknown> {
  try {
    await mkdir(path);
    return undefined;
  } catch (cause) {
    return (await isFolder(path)) ? undefined : cause;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
