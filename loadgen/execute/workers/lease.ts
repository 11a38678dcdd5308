// Shares between the threads of a remote worker when its coordinator last sent a frame; after a silence they send nothing.

import type { TrafficDriver } from '../../../brokers/driver.ts';
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

/**
 * Frames that arrived during a pause of the whole process do not renew it: the coordinator has given the worker up.
 *
 * @throws AppError coordinator-lost
 */
export function renewLease(lease: Lease): void {
  checkLease(lease);
  Atomics.store(lease, 0, process.hrtime.bigint());
}

function checkLease(lease: Lease): void {
  if (process.hrtime.bigint() - Atomics.load(lease, 0) <= silentNanoseconds) return;
  throw new AppError('coordinator-lost', `no data from the coordinator for ${silentSeconds} s`);
}

/** Wraps the producers of the driver: their sends fail once the lease has lapsed. */
export const underLease = <Driver extends Pick<TrafficDriver, 'producer'>>(traffic: Driver, lease: Lease): Driver => ({
  ...traffic,
  async producer(options, listener) {
    const producer = await traffic.producer(options, listener);
    return {
      ...producer,
      async send(batch, io) {
        checkLease(lease);
        await producer.send(batch, io);
      },
    };
  },
});
