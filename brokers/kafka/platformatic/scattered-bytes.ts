// Reads bytes of a response without copying; they are joined on demand, in a buffer that the reader chooses.

import type { Reader } from '../library.ts';
import { AppError } from '../../../core/errors.ts';

/** @param memoryFor returns at least that many bytes; the view is valid until they are reused (default: forever) */
export type Gather = (memoryFor?: (size: number) => Buffer) => Buffer;

const nothing = Buffer.alloc(0);

/** Reads nullable bytes. @throws AppError answer-unreadable when there are fewer bytes than announced */
export function readScatteredBytes(reader: Reader, isCompact = true): Gather {
  const size = isCompact ? reader.readUnsignedVarInt() - 1 : reader.readInt32();
  if (size <= 0) return () => nothing;
  if (size > reader.remaining)
    throw new AppError('answer-unreadable', `${size} bytes announced, ${reader.remaining} came`);
  const { buffers: pieces } = reader.buffer.subarray(reader.position, reader.position + size);
  reader.skip(size);
  return (memoryFor = Buffer.allocUnsafe) => {
    const [first = nothing] = pieces;
    if (pieces.length <= 1) return first;
    const memory = memoryFor(size);
    let at = 0;
    for (const piece of pieces) {
      memory.set(piece, at);
      at += piece.length;
    }
    return memory.subarray(0, size);
  };
}
