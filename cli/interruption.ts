// Aborts a command at the first Ctrl-C, SIGTERM or closed terminal, and ends the process at the second Ctrl-C or SIGTERM.

import { AppError, exitCodes } from '../core/errors.ts';

/** `timeout` and npm pass a signal on that the process group got as well: what follows this closely is the same one. */
const echoMs = 1000;

/** @returns a signal that aborts at the first; to be called once by a program's main */
export function abortOnInterruption(): AbortSignal {
  const interruption = new AbortController();
  let first = 0;
  const interrupt = (name: string) => {
    first = performance.now();
    interruption.abort(new AppError('aborted', `interrupted by ${name}`));
  };
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (!interruption.signal.aborted) interrupt(name);
      else if (performance.now() - first > echoMs) process.exit(exitCodes.aborted);
    });
  }
  // A lost SSH connection ends the terminal: what a change borrowed from the cluster still has to be restored.
  process.on('SIGHUP', () => {
    const isReload = process.listenerCount('SIGHUP') > 1;
    if (!isReload && !interruption.signal.aborted) interrupt('SIGHUP (the terminal was closed)');
  });
  return interruption.signal;
}
