// Creates a folder and its parents, one after the other.

import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * On file systems that reject a name with ENOENT, such as /proc, Node's recursive `mkdir` never returns: it creates the parent,
 * which exists, and retries.
 */
export async function makeFolder(path: string): Promise<void> {
  const whole = resolve(path);
  const cause = await refusalOf(whole);
  if (cause === undefined) return;
  if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause as Error;
  const parent = dirname(whole);
  // Another process may have created it by now.
  if (!(await isFolder(parent))) await makeFolder(parent);
  const last = await refusalOf(whole);
  if (last !== undefined) throw last as Error;
}

/** @returns the error; undefined if the folder exists */
async function refusalOf(path: string): Promise<unknown> {
  try {
    await mkdir(path);
    return undefined;
  } catch (cause) {
    return (await isFolder(path)) ? undefined : cause;
  }
}

export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
