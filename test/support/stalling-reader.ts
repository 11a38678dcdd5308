// Holds back what is written to a response, as the socket of a reader that has stalled does.

import type { RequestHandler } from 'express';

export interface StallingReader {
  /** Before the handlers whose responses are held back. */
  handler: RequestHandler;
  stall(): void;
  /** Reads on. */
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
