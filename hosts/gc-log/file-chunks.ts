// How is a file of any length read without leaving garbage behind? Through one buffer, which every next piece overwrites.

import { open } from 'node:fs/promises';

const chunkBytes = 256 * 1024;

/** @returns pieces that hold until the next one is asked for. @throws what opening and reading throw */
export async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  await using file = await open(path);
  const buffer = Buffer.allocUnsafe(chunkBytes);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, chunkBytes, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}
