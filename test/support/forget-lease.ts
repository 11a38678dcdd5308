// Removes the lease of a killed process, so that a test need not wait for its expiry.

import type { ClusterConfig } from '../../brokers/config.ts';
import { openLeaseStore } from '../../brokers/open-by-kind.ts';
import { releasedText } from '../../core/documents/change-lease.ts';
import { AppError } from '../../core/errors.ts';
import { ownershipOf } from '../../ops/change/lease-ownership.ts';

/** Name servers or brokers that are down store no lease to remove. */
export async function forgetLease(config: ClusterConfig): Promise<void> {
  const io = { signal: AbortSignal.timeout(60_000) };
  await using store = await openLeaseStore('lab', config);
  try {
    await store.enter(io);
    await store.clear((text) => releasedText(ownershipOf([{ place: '', kind: 'read', text }]).placedBy), io);
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== 'broker-unreachable') throw cause;
  }
}
