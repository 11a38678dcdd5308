// Buffers writes to a response, like the socket of a stalled reader.

import type { RequestHandler } from 'express';

export interface StallingReader {
  /** Install it before the handlers whose responses should stall. */
  handler: RequestHandler;
  stall(): void;
  /** Continues to read. */
  readOn(): void;
}

export function stallingReader(): StallingReader {
  let isStalled = false;
  let held: (() => void)[] = [];
  const orHold = (write: () => void) => (isStalled ? void held.push(write) : write());
  return {
    handler(_request, { socket }, next) {
      if (socket === null) throw new Error('a response without a socket');
      const write = socket._write.bind(socket);
      const writeAll = socket._writev?.bind(socket);
      socket._write = (chunk, encoding, done) => orHold(() => write(chunk, encoding, done));
      if (writeAll !== undefined) socket._writev = (chunks, done) => orHold(() => writeAll(chunks, done));
      next();
    },
    stall: () => void (isStalled = true),
    readOn() {
      isStalled = false;
      for (const write of held) write();
      held = [];
    },
  };
}
