// Binds the process (streams, signals, exit code) to the command line.

import { once } from 'node:events';
import { fstatSync, writeSync } from 'node:fs';
import { systemClock } from '../core/clock.ts';
import { faults } from '../core/errors.ts';
import { ignoreFault } from '../core/ignore-fault.ts';
import type { Output } from '../app/caller.ts';
import { runCommandLine } from './command-line.ts';
import { abortOnInterruption } from './interruption.ts';
import { commands } from './registry.ts';

const widthWithoutTerminal = 100;

type Stream = NodeJS.WriteStream & { fd: number };

function outputOf(stream: Stream, onFailure: (cause: NodeJS.ErrnoException) => void): Output {
  // A reader that has seen enough (`| head`) closes the pipe: that is no fault of the command.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') onFailure(error);
  });
  return {
    write: isFile(stream) ? (text) => writeWhole(stream.fd, text, onFailure) : (text) => void stream.write(text),
    isTerminal: stream.isTTY === true,
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

/** Without its answer a command has failed, whatever it has done. */
function endUnwritten(cause: NodeJS.ErrnoException): never {
  const code = cause.code === 'ENOSPC' ? 'no-space' : 'unexpected';
  const hint = cause.code === 'ENOSPC' ? 'free disk space, or write it to another place' : faults.unexpected.hint;
  process.stderr.write(`error: cannot write the output: ${cause.message}\nhint: ${hint}\n`);
  process.exit(faults[code].exitCode);
}

const exitCode = await runCommandLine(process.argv.slice(2), commands, {
  stdout: outputOf(process.stdout, endUnwritten),
  // Failed progress output ends no load test.
  stderr: outputOf(process.stderr, () => {}),
  signal: abortOnInterruption(),
  environment: process.env,
  clock: systemClock,
});

// The result may still be on its way into a pipe, and a library may keep the loop alive: flush, then go.
await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
process.exit(exitCode);
