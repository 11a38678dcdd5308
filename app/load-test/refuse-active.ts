// Refuses to resume or clean up a load test that is running.

import { bundleClaim, claimedFault } from '../../loadgen/execute/control/bundle-claim.ts';

/**
 * @param refusal what is refused during the run, and the remedy
 * @throws AppError usage while it runs, and if that is unknown
 */
export async function refuseActive(directory: string, refusal: { consequence: string; hint: string }): Promise<void> {
  const claim = await bundleClaim(directory);
  if (claim.kind === 'running' || claim.kind === 'unknown') throw claimedFault(directory, claim, refusal);
}
