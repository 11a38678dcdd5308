// Recycles the memory of pages, because fresh memory costs page faults and garbage collection.

import type { Lines } from './families.ts';

export const chunkBytes = 64 * 1024;

/** 128 MiB, a page of a million series; the garbage collector frees the rest. */
const mostFree = 2048;

const free: Buffer[] = [];
/** Number of pages that use a chunk. A chunk that is never released is garbage-collected with its count. */
const holders = new WeakMap<ArrayBufferLike, number>();

export function acquireChunk(): Buffer {
  const chunk = free.pop() ?? Buffer.allocUnsafeSlow(chunkBytes);
  holders.set(chunk.buffer, 0);
  return chunk;
}

/** Called for each additional page, before any page that shares the chunks releases them. */
export function retainChunks(lines: Lines): void {
  for (const chunks of lines.values()) {
    for (const { buffer } of chunks) {
      const held = holders.get(buffer);
      if (held !== undefined) holders.set(buffer, held + 1);
    }
  }
}

/** Called once all of their bytes have left the process, since they are then overwritten. */
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
