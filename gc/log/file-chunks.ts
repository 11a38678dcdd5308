// Reads a file of any length through two alternating buffers, one read ahead, without allocating per chunk.

import { open } from 'node:fs/promises';
import { awaitedElsewhere } from '../../core/errors.ts';

const chunkBytes = 256 * 1024;

/** @returns chunks that are valid until the next one is requested. @throws errors of opening and reading */
export async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  await using file = await open(path);
  let [filling, full] = [Buffer.allocUnsafe(chunkBytes), Buffer.allocUnsafe(chunkBytes)];
  const fill = () => file.read(filling, 0, chunkBytes, null);
  let ahead: ReturnType<typeof fill> | undefined;
  for (;;) {
    const { bytesRead } = await (ahead ?? fill());
    if (bytesRead === 0) return;
    [filling, full] = [full, filling];
    // A pipe never fills a chunk at once: reading ahead there would delay a consumer that stops early.
    ahead = bytesRead === chunkBytes ? fill() : undefined;
    // The error is reported where the read is awaited.
    ahead?.catch(awaitedElsewhere);
    yield full.subarray(0, bytesRead);
  }
}
