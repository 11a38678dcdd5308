// Writes the output of a command to a stream of the process, completely, until its reader closes it.

import { once } from 'node:events';
import { fstatSync, writeSync } from 'node:fs';
import { ignoreFault } from '../core/errors.ts';
import { escaped } from '../core/text/quoted-word.ts';
import type { Output } from '../app/caller.ts';

const widthWithoutTerminal = 100;

type Stream = NodeJS.WriteStream & { fd: number };

/** @param onFailure called if the output cannot be written, but not if its reader closed it */
export function outputOf(stream: Stream, onFailure: (cause: NodeJS.ErrnoException) => void): Output {
  const readerLeft = new AbortController();
  // A reader that has enough (`| head`) closes the pipe, which is not an error of the command.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') readerLeft.abort();
    else onFailure(error);
  });
  return {
    write: isFile(stream)
      ? (text) => writeWhole(stream.fd, text, onFailure)
      : (text) => void stream.write(stream.isTTY === true ? forTerminal(text) : text),
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
        // A stream closed by its reader never drains.
        await Promise.race([once(stream, 'drain', either), once(stream, 'close', either)]);
      } catch {
        signal.throwIfAborted();
      } finally {
        settled.abort();
      }
    },
  };
}

/** Line ends, colours, the start of a progress line, a whole screen of `plimsoll top`; or a character that acts on the terminal. */
const control =
  /(?<own>[\n\t]|\r(?=\n)|\p{Cc}\[(?:[12]|22|3[1-79])m|^\r(?=\p{Cc}\[2?K)|(?<=^\r)\p{Cc}\[2?K|^(?:\p{Cc}\[\?(?:25|1049)[hl])+$|^\p{Cc}\[H(?=[^]*\p{Cc}\[J$)|\p{Cc}\[K(?=\r\n|\p{Cc}\[J$)|\p{Cc}\[J$)|[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** A name in a file or of a client could set the title or the clipboard, or reverse the text after it. JSON stays equal. */
export const forTerminal = (text: string): string =>
  text.replaceAll(control, (found, own?: string) =>
    own !== undefined && (own.startsWith('\u001b') || own.trim() === '') ? found : escaped(found) + found.slice(1),
  );

function isFile({ fd }: Stream): boolean {
  try {
    return fstatSync(fd).isFile();
  } catch (fault) {
    ignoreFault('a stream without an open descriptor is no file')(fault);
    return false;
  }
}

/** Retries partial writes: on a full disk, Node's file stream drops the rest (lib/internal/fs/sync_write_stream.js of Node 24). */
function writeWhole(fd: number, text: string, onFailure: (cause: NodeJS.ErrnoException) => void): void {
  const bytes = Buffer.from(text);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
  } catch (cause) {
    onFailure(cause as NodeJS.ErrnoException);
  }
}
