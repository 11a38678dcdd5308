// Recycles the memory of pages, since fresh memory costs page faults and garbage collection.

import type { Lines } from './families.ts';

export const chunkBytes = 64 * 1024;

/** 128 MiB, a page of a million series; more than that is left to the garbage collector. */
const mostFree = 2048;

const free: Buffer[] = [];
/** Number of pages that use a chunk. A chunk that is never released is garbage-collected with its count. */
const holders = new WeakMap<ArrayBufferLike, number>();

export function acquireChunk(): Buffer {
  const chunk = free.pop() ?? Buffer.allocUnsafeSlow(chunkBytes);
  holders.set(chunk.buffer, 0);
  return chunk;
}

/** For one page more. Before any that has them gives them back. */
export function retainChunks(lines: Lines): void {
  for (const chunks of lines.values()) {
    for (const { buffer } of chunks) {
      const held = holders.get(buffer);
      if (held !== undefined) holders.set(buffer, held + 1);
    }
  }
}

/** Once all of their bytes have left the process: they are written over. */
export function releaseChunks(lines: Lines): void {
  for (const chunks of lines.values()) {
    for (const { buffer } of chunks) {
      const held = holders.get(buffer);
      if (held === undefined) continue;
      holders.set(buffer, held - 1);
      if (held !== 1) continue;
      holders.delete(buffer);
      if (free.length < mostFree) free.push(Buffer.from(buffer));
    }
  }
}
