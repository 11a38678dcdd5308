// Marks on this machine which process changes a cluster, for changes that cannot read the cluster's lease.

import { join } from 'node:path';
import { AppError } from '../../core/errors.ts';
import { claimFolder, type ProcessClaim } from '../../core/process-claim.ts';
import { fileName, storeFault } from './journal-file.ts';

/** @throws AppError no-space, no-permission */
export async function claimCluster(stateFolder: string, clusterId: string): Promise<ProcessClaim> {
  const path = join(stateFolder, 'leases', fileName([clusterId], '.claims'));
  try {
    return await claimFolder(path);
  } catch (cause) {
    throw storeFault(cause, `cannot write into ${path}`, 'no-permission');
  }
}

/** @throws AppError change-under-way while another process with this state folder changes the cluster; no-permission */
export async function refuseClaimed(claim: Pick<ProcessClaim, 'others'>, clusterId: string): Promise<void> {
  const other = await claim.others().catch((cause: unknown) => {
    throw storeFault(cause, `cannot read whether another process changes cluster ${clusterId}`, 'no-permission');
  });
  if (other.kind !== 'running' || other.pid === process.pid) return;
  throw new AppError('change-under-way', `cluster ${clusterId} is being changed by ${other.who}`, {
    hint: 'wait until that process has ended, or stop it, and run the command again',
  });
}
