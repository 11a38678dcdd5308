// Refuses to resume or clean up a load test that is running.

import { bundleClaim, claimedFault } from '../../loadgen/execute/control/bundle-claim.ts';

/**
 * @param refusal what does not happen while it runs, and what to do
 * @throws AppError usage while it runs, and where that is unknown
 */
export async function refuseActive(directory: string, refusal: { consequence: string; hint: string }): Promise<void> {
  const claim = await bundleClaim(directory);
  if (claim.kind === 'running' || claim.kind === 'unknown') throw claimedFault(directory, claim, refusal);
}
