// Reads a small kernel file, with a size limit because a configured root may point anywhere.

import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { untilAborted } from '../core/clock.ts';

/** /proc/stat of a 1,024-core machine is below 300 kB. If a file is cut here, the parser only drops its last line. */
const maxBytes = 4 * 2 ** 20;

/** One read call suffices for most files, so that the kernel generates the text at once. */
const chunkBytes = 2 ** 18;

/** Without it, a pipe without a writer would block one of the few threads that read files. */
export const nonBlocking = constants.O_RDONLY | constants.O_NONBLOCK;

/** Buffers of completed reads: a reading has hundreds of files, and a new buffer for each costs more CPU than the read. */
const unused: Buffer[] = [];
const mostUnused = 64;

export async function readText(path: string, io: { signal: AbortSignal }): Promise<string> {
  const decoder = new StringDecoder('utf8');
  let text = '';
  await readChunks(path, io, (chunk) => (text += decoder.write(chunk)), maxBytes);
  return text + decoder.end();
}

/** @param take called with each chunk, which is valid only during the call */
export const readChunks = (
  path: string,
  { signal }: { signal: AbortSignal },
  take: (chunk: Buffer) => void,
  most = Infinity,
): Promise<void> => untilAborted(passChunks(path, signal, take, most), signal);

async function passChunks(path: string, signal: AbortSignal, take: (chunk: Buffer) => void, most: number) {
  await using file = await open(path, nonBlocking);
  const buffer = unused.pop() ?? Buffer.allocUnsafeSlow(chunkBytes);
  for (let left = most; left > 0 && !signal.aborted;) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(chunkBytes, left), null);
    if (bytesRead === 0) break;
    take(buffer.subarray(0, bytesRead));
    left -= bytesRead;
  }
  if (unused.length < mostUnused) unused.push(buffer);
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
