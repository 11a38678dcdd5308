// Reads a file or a pipe up to a size.

import { createReadStream } from 'node:fs';
import { untilAborted } from './clock.ts';

/**
 * An abort also ends the wait for the writer of a pipe, for which Node cannot close the file.
 *
 * @returns one byte more than `most` if there is more; a pipe has no size to check first
 */
export async function readUpTo(path: string, most: number, { signal }: { signal: AbortSignal }): Promise<Buffer> {
  const parts: Promise<Buffer[]> = createReadStream(path, { end: most, signal }).toArray();
  return Buffer.concat(await untilAborted(parts, signal));
}
