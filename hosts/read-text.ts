// Reads a small kernel file. The size is bounded because a configured root may point anywhere.

import { createReadStream } from 'node:fs';
import { text } from 'node:stream/consumers';

/** /proc/stat of a 1,024-core machine is below 300 kB. A file cut here loses its last line to the parser, and no more. */
const maxBytes = 4 * 2 ** 20;

/** One read call for most files, so that the kernel makes up its text in one go. */
const chunkBytes = 2 ** 18;

export function readText(path: string, { signal }: { signal: AbortSignal }): Promise<string> {
  return text(createReadStream(path, { end: maxBytes - 1, highWaterMark: chunkBytes, signal }));
}
