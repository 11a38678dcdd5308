// Refuses to resume or clean up a load test that is running.

import { AppError } from '../../core/errors.ts';
import { bundleClaim, claimedFault } from '../../loadgen/execute/control/bundle-claim.ts';
import { isUnderWay, readControlFile } from '../../loadgen/execute/control/control-file.ts';
import type { RunStatus } from '../../loadgen/execute/control/running-test.ts';

/** Its own page answers at once. */
const answerMilliseconds = 3000;

/**
 * @param refusal what does not happen while it runs, and what to do
 * @throws AppError usage while it runs, and where that is unknown
 */
export async function refuseActive(
  { directory, id }: { directory: string; id: string },
  refusal: { consequence: string; hint: string },
  signal: AbortSignal,
): Promise<void> {
  const claim = await bundleClaim(directory);
  if (claim.kind === 'running' || claim.kind === 'unknown') throw claimedFault(directory, claim, refusal);
  // Former releases wrote no claim.
  if (claim.kind === 'ended' || !(await answers(directory, id, signal))) return;
  const { consequence, hint } = refusal;
  throw new AppError('usage', `the load test of ${directory} is running: ${consequence}`, { hint });
}

/** A killed run leaves its control file. Its pid may be that of another process by then, as 1 is in each container. */
async function answers(directory: string, id: string, signal: AbortSignal): Promise<boolean> {
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
