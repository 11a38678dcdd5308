// Reads a small kernel file. The size is bounded because a configured root may point anywhere.

import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { text } from 'node:stream/consumers';

/** /proc/stat of a 1,024-core machine is below 300 kB. A file cut here loses its last line to the parser, and no more. */
const maxBytes = 4 * 2 ** 20;

/** One read call for most files, so that the kernel makes up its text in one go. */
const chunkBytes = 2 ** 18;

/** Otherwise a pipe that nobody writes to blocks one of the few threads that read files. */
export const nonBlocking = constants.O_RDONLY | constants.O_NONBLOCK;

export async function readText(path: string, { signal }: { signal: AbortSignal }): Promise<string> {
  const file = await open(path, nonBlocking);
  return text(file.createReadStream({ end: maxBytes - 1, highWaterMark: chunkBytes, signal }));
}

export const notRegular = 'it is not a regular file';

/** Opening a device can change it: a watchdog then restarts the machine. @returns its size in bytes */
export async function requireRegular(path: string): Promise<number> {
  const stats = await stat(path);
  if (!stats.isFile()) throw new Error(notRegular);
  return stats.size;
}
