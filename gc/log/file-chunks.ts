// Reads a file of any length through two alternating buffers, one read ahead, without allocating per chunk.

import { open } from 'node:fs/promises';
import { awaitedElsewhere } from '../../core/ignore-fault.ts';

const chunkBytes = 256 * 1024;

/** @returns pieces that hold until the next one is asked for. @throws what opening and reading throw */
export async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  await using file = await open(path);
  let [filling, full] = [Buffer.allocUnsafe(chunkBytes), Buffer.allocUnsafe(chunkBytes)];
  const fill = () => file.read(filling, 0, chunkBytes, null);
  let ahead: ReturnType<typeof fill> | undefined;
  for (;;) {
    const { bytesRead } = await (ahead ?? fill());
    if (bytesRead === 0) return;
    [filling, full] = [full, filling];
    // A pipe never gives this much at once: reading ahead there would hold back the end of whoever has seen enough.
    ahead = bytesRead === chunkBytes ? fill() : undefined;
    // It is told where it is waited for.
    ahead?.catch(awaitedElsewhere);
    yield full.subarray(0, bytesRead);
  }
}
