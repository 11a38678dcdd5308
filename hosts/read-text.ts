// Reads a small kernel file, with a size limit because a configured root may point anywhere.

import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { text } from 'node:stream/consumers';

/** /proc/stat of a 1,024-core machine is below 300 kB. If a file is cut here, the parser only drops its last line. */
const maxBytes = 4 * 2 ** 20;

/** One read call suffices for most files, so that the kernel generates the text at once. */
const chunkBytes = 2 ** 18;

/** Without it, a pipe without a writer would block one of the few threads that read files. */
export const nonBlocking = constants.O_RDONLY | constants.O_NONBLOCK;

export async function readText(path: string, { signal }: { signal: AbortSignal }): Promise<string> {
  const file = await open(path, nonBlocking);
  return text(file.createReadStream({ end: maxBytes - 1, highWaterMark: chunkBytes, signal }));
}

export const notRegular = 'it is not a regular file';

/**
 * Rejects devices, because opening one can have effects: a watchdog restarts the machine.
 * @returns its size in bytes
 */
export async function requireRegular(path: string): Promise<number> {
  const stats = await stat(path);
  if (!stats.isFile()) throw new Error(notRegular);
  return stats.size;
}
