// Claims a run bundle for the process that runs its load test, so that no other process continues it at the same time.

import { AppError } from '../../../core/errors.ts';
import { claimFolder, claimOn, type ClaimState, type ProcessClaim } from '../../../core/process-claim.ts';
import { storageFault } from '../../record/bundle/storage-fault.ts';

/** @throws AppError usage if another process runs the load test; no-space, no-permission */
export async function claimBundle(directory: string): Promise<AsyncDisposable> {
  let claim: ProcessClaim | undefined;
  try {
    claim = await claimFolder(directory);
    const other = await claim.others();
    if (other.kind === 'running' || other.kind === 'unknown') throw claimedFault(directory, other, inUse);
    return claim;
  } catch (cause) {
    await claim?.[Symbol.asyncDispose]();
    throw cause instanceof AppError ? cause : storageFault(cause, `cannot claim ${directory}`);
  }
}

const inUse = { consequence: 'nothing was sent', hint: 'wait until that process has ended, and run the command again' };

/** @returns `unclaimed` for a run that ended normally. @throws AppError no-permission and similar */
export async function bundleClaim(directory: string): Promise<ClaimState> {
  try {
    return await claimOn(directory);
  } catch (cause) {
    throw storageFault(cause, `cannot read ${directory}`);
  }
}

/** @param consequence such as `it cannot be resumed` */
export function claimedFault(
  directory: string,
  { kind, who, path }: Extract<ClaimState, { who: string }>,
  { consequence, hint }: { consequence: string; hint: string },
): AppError {
  if (kind === 'running') {
    return new AppError('usage', `the load test of ${directory} is running (${who}): ${consequence}`, { hint });
  }
  return new AppError(
    'usage',
    `the load test of ${directory} may be running in another container or on another machine (${who}): ${consequence}`,
    {
      hint: `\`plimsoll stop ${directory}\` stops it if it runs; if its process has ended, delete ${path} and run the command again`,
    },
  );
}
