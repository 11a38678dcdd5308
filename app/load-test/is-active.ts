// Determines whether the load test of a bundle is running.

import { isUnderWay, readControlFile } from '../../loadgen/execute/control/control-file.ts';
import type { RunStatus } from '../../loadgen/execute/control/running-test.ts';

/** Its own page answers at once. */
const answerMilliseconds = 3000;

/** A killed run leaves its control file. Its pid may be that of another process by then, as 1 is in each container. */
export async function isActive(directory: string, id: string, signal: AbortSignal): Promise<boolean> {
  const control = await readControlFile(directory);
  if (control === undefined || !isUnderWay(control)) return false;
  const within = AbortSignal.any([signal, AbortSignal.timeout(answerMilliseconds)]);
  try {
    const status = (await (await fetch(control.url, { signal: within })).json()) as Partial<RunStatus>;
    return status.run?.run === id;
  } catch (cause) {
    signal.throwIfAborted();
    // Nobody listens there any more. What does not answer in time may be a run that is stopped for a moment.
    return ((cause as Error).cause as NodeJS.ErrnoException | undefined)?.code !== 'ECONNREFUSED';
  }
}
