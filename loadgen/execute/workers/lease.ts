// Shares between the threads of a remote worker when its coordinator was last heard; after a silence they send nothing.

import { AppError } from '../../../core/errors.ts';

export type Lease = BigInt64Array<SharedArrayBuffer>;

/** Frames are sent each second. A worker that lost its coordinator must stop sending load within 5 s. */
export const silentSeconds = 3.5;
const silentNanoseconds = BigInt(silentSeconds * 1e9);

export function createLease(): Lease {
  const lease = new BigInt64Array(new SharedArrayBuffer(8));
  lease[0] = process.hrtime.bigint();
  return lease;
}

/** Frames that arrived during a pause of the whole process do not renew it: the coordinator has given the worker up. */
export function renewLease(lease: Lease): void {
  if (!hasLapsed(lease)) Atomics.store(lease, 0, process.hrtime.bigint());
}

const hasLapsed = (lease: Lease) => process.hrtime.bigint() - Atomics.load(lease, 0) > silentNanoseconds;

/** @throws AppError coordinator-lost */
export function checkLease(lease: Lease): void {
  if (hasLapsed(lease)) throw new AppError('coordinator-lost', `no data from the coordinator for ${silentSeconds} s`);
}
