// Aborts a command at the first Ctrl-C or SIGTERM, and ends the process at the second.

import { AppError, exitCodes } from '../core/errors.ts';

/** `timeout` and npm pass a signal on that the process group got as well: what follows this closely is the same one. */
const echoMs = 1000;

/** @returns a signal that aborts at the first; to be called once by a program's main */
export function abortOnInterruption(): AbortSignal {
  const interruption = new AbortController();
  let first = 0;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (!interruption.signal.aborted) {
        first = performance.now();
        interruption.abort(new AppError('aborted', `interrupted by ${name}`));
      } else if (performance.now() - first > echoMs) process.exit(exitCodes.aborted);
    });
  }
  return interruption.signal;
}
