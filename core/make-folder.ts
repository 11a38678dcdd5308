// Creates a folder and those above it, one after the other.

import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Where a file system refuses a name with ENOENT, as /proc does, `mkdir` of Node with `recursive` never returns: it makes the
 * parent, which is there, and tries again.
 */
export async function makeFolder(path: string): Promise<void> {
  const whole = resolve(path);
  try {
    await mkdir(whole);
  } catch (cause) {
    if (await isFolder(whole)) return;
    const parent = dirname(whole);
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT' || (await isFolder(parent))) throw cause;
    await makeFolder(parent);
    await makeFolder(whole);
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
