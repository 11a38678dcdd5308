// Binds the process (streams, signals, exit code) to the command line.

import { once } from 'node:events';
import { systemClock } from '../core/clock.ts';
import { faults } from '../core/errors.ts';
import type { Output } from '../app/caller.ts';
import { runCommandLine } from './command-line.ts';
import { abortOnInterruption } from './interruption.ts';
import { commands } from './registry.ts';

const widthWithoutTerminal = 100;

function outputOf(stream: NodeJS.WriteStream, onFailure: (cause: NodeJS.ErrnoException) => void): Output {
  // A reader that has seen enough (`| head`) closes the pipe: that is no fault of the command.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') onFailure(error);
  });
  return {
    write: (text) => void stream.write(text),
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
