// Tracks per partition which batches the callback has handled; an unfinished batch holds only its partition.

import { awaitedElsewhere } from '../../../core/ignore-fault.ts';
import type { IncomingBatch, OnBatch } from '../../driver.ts';

export type Deliveries = ReturnType<typeof createDeliveries>;

/** @param through called after each callback, before the next batch of the partition */
export function createDeliveries(onBatch: OnBatch, through?: (partition: number, next: bigint) => Promise<void>) {
  let positions = new Map<number, bigint>();
  const inHand = new Map<number, Promise<void>>();
  const { promise: failed, reject: fail } = Promise.withResolvers<never>();
  failed.catch(awaitedElsewhere);

  async function finish(partition: number, given: void | Promise<void>, before: bigint | undefined, next: bigint) {
    try {
      await given;
      if (positions.get(partition) === before) {
        positions.set(partition, next);
        await through?.(partition, next);
      }
      inHand.delete(partition);
    } catch (cause) {
      // Never through: the batch is not handed over again.
      inHand.set(partition, failed);
      fail(cause);
    }
  }

  return {
    /** By partition, the offset after everything that is through. */
    get positions(): ReadonlyMap<number, bigint> {
      return positions;
    },
    /** Those whose last batch is through, or that had none. */
    free: (partitions: readonly number[]) => partitions.filter((partition) => !inHand.has(partition)),
    /**
     * @param next offset after the batch
     * @returns settles when the callback is through; absent when it is already
     * @throws what the callback throws at once
     */
    deliver(batch: IncomingBatch, next: bigint): Promise<void> | undefined {
      const { partition } = batch;
      const before = positions.get(partition);
      const given = onBatch(batch);
      if (given === undefined && through === undefined) {
        positions.set(partition, next);
        return undefined;
      }
      const finished = finish(partition, given, before, next);
      inHand.set(partition, finished);
      return finished;
    },
    /** Nothing of it was for consumers. */
    skip: (partition: number, next: bigint) => void positions.set(partition, next),
    /** Resolves when a batch is through; at once when nothing is in hand. @throws what a callback failed with */
    next: async () => (inHand.size === 0 ? undefined : Promise.race(inHand.values())),
    /** Resolves when all callbacks have ended. */
    settled: async () => void (await Promise.allSettled(inHand.values())),
    /** Rejects with what a callback failed with; else never settles. */
    failed,
    /** What is still in hand moves its partition on only if that is read from the same place again. */
    beginAt(begun: ReadonlyMap<number, bigint>): void {
      positions = new Map(begun);
    },
  };
}
