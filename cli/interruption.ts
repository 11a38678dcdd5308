// Aborts a command on the first Ctrl-C, SIGTERM, hang-up or loss of its launcher, and ends the process on the second Ctrl-C or SIGTERM.

import { setTimeout } from 'node:timers/promises';
import { AppError, exitCodes } from '../core/errors.ts';
import { identify } from '../core/started-process.ts';

/** `timeout` and npm forward a signal that the process group has also received: a repetition within this time is the same signal. */
const echoMs = 1000;

/** The interval at which bootstrap.mjs looks for its own parent. */
const launcherCheckMs = 500;

/** A request to a file on a disk ends sooner. */
const fileMs = 500;

/** Ends by the signal, which shells show as 130, if `process.exit` would wait for a thread that opens or reads a pipe. */
export async function exitWith(code: number): Promise<never> {
  const isFileBusy = () => process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));
  const interrupted = performance.now();
  while (code === exitCodes.aborted && isFileBusy()) {
    if (performance.now() - interrupted > fileMs) {
      process.removeAllListeners('SIGINT');
      process.kill(process.pid, 'SIGINT');
    }
    await setTimeout(10);
  }
  return process.exit(code);
}

/** @returns a signal that aborts on the first; the program's main calls it once */
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
      else if (performance.now() - first > echoMs) void exitWith(exitCodes.aborted);
    });
  }
  // A lost SSH connection closes the terminal; settings that a change borrowed from the cluster must still be restored.
  process.on('SIGHUP', () => {
    const isReload = process.listenerCount('SIGHUP') > 1;
    if (!isReload && !interruption.signal.aborted) interrupt('SIGHUP (the terminal was closed)');
  });
  // A launcher that was killed forwards no signal, and a service would keep its port and its history. It may have been killed
  // before this line, and tests run this program under a launcher that is not its parent.
  const launcher = Number(process.env['PLIMSOLL_LAUNCHER']);
  if (launcher > 0) {
    const watch = setInterval(() => {
      if (process.ppid === launcher || identify(launcher) !== undefined) return;
      clearInterval(watch);
      if (!interruption.signal.aborted) interrupt('the end of the process that started it');
    }, launcherCheckMs).unref();
  }
  // A detached load test may outlive the launcher of the service that started it.
  delete process.env['PLIMSOLL_LAUNCHER'];
  return interruption.signal;
}
