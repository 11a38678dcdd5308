// Writes the output of a command to a stream of the process: whole, and until its reader leaves.

import { once } from 'node:events';
import { fstatSync, writeSync } from 'node:fs';
import { ignoreFault } from '../core/ignore-fault.ts';
import type { Output } from '../app/caller.ts';

const widthWithoutTerminal = 100;

type Stream = NodeJS.WriteStream & { fd: number };

/** @param onFailure called where the output cannot be written, but not when its reader has left */
export function outputOf(stream: Stream, onFailure: (cause: NodeJS.ErrnoException) => void): Output {
  const readerLeft = new AbortController();
  // A reader that has seen enough (`| head`) closes the pipe: that is no fault of the command.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') readerLeft.abort();
    else onFailure(error);
  });
  return {
    write: isFile(stream) ? (text) => writeWhole(stream.fd, text, onFailure) : (text) => void stream.write(text),
    isTerminal: stream.isTTY === true,
    readerLeft: readerLeft.signal,
    get columns() {
      // A terminal of unknown size reports 0.
      return stream.columns || widthWithoutTerminal;
    },
    get rows() {
      return stream.rows;
    },
    onResize(redraw) {
      stream.on('resize', redraw);
      return { [Symbol.dispose]: () => void stream.off('resize', redraw) };
    },
    async drained({ signal }) {
      if (!stream.writableNeedDrain || stream.destroyed) return;
      const settled = new AbortController();
      const either = { signal: AbortSignal.any([signal, settled.signal]) };
      try {
        // Closed by its reader, it never drains.
        await Promise.race([once(stream, 'drain', either), once(stream, 'close', either)]);
      } catch {
        signal.throwIfAborted();
      } finally {
        settled.abort();
      }
    },
  };
}

function isFile({ fd }: Stream): boolean {
  try {
    return fstatSync(fd).isFile();
  } catch (fault) {
    ignoreFault('a stream without an open descriptor is no file')(fault);
    return false;
  }
}

/** The stream of a file drops what one write did not take, as on a disk that becomes full (lib/internal/fs/sync_write_stream.js of Node 24). */
function writeWhole(fd: number, text: string, onFailure: (cause: NodeJS.ErrnoException) => void): void {
  const bytes = Buffer.from(text);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
  } catch (cause) {
    onFailure(cause as NodeJS.ErrnoException);
  }
}
