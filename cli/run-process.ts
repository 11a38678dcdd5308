// Binds the process (streams, signals, exit code) to the command line.

import { systemClock } from '../core/clock.ts';
import { faults } from '../core/errors.ts';
import { runCommandLine } from './command-line.ts';
import { abortOnInterruption, exitWith } from './interruption.ts';
import { outputOf } from './process-output.ts';
import { commands } from './registry.ts';

/** A command whose output is lost has failed, whatever it has done. */
function endUnwritten(cause: NodeJS.ErrnoException): never {
  const code = cause.code === 'ENOSPC' ? 'no-space' : 'unexpected';
  const hint = cause.code === 'ENOSPC' ? 'free disk space, or write it to another place' : faults.unexpected.hint;
  process.stderr.write(`error: cannot write the output: ${cause.message}\nhint: ${hint}\n`);
  process.exit(faults[code].exitCode);
}

const exitCode = await runCommandLine(process.argv.slice(2), commands, {
  stdout: outputOf(process.stdout, endUnwritten),
  // A failure to print progress must not end a load test.
  stderr: outputOf(process.stderr, () => {}),
  signal: abortOnInterruption(),
  environment: process.env,
  clock: systemClock,
});

// Flushes the result before the exit: a pipe may still hold it, and a library may keep the event loop alive.
await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
await exitWith(exitCode);
