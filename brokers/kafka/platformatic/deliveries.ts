// Tracks per partition which batches the callback has handled; an unfinished batch blocks only its partition.

import { awaitedElsewhere } from '../../../core/errors.ts';
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
      // Stays in hand, so that no further batch of the partition is delivered.
      inHand.set(partition, failed);
      fail(cause);
    }
  }

  return {
    /** Offset after the last handled batch, by partition. */
    get positions(): ReadonlyMap<number, bigint> {
      return positions;
    },
    /** Returns partitions without an unfinished batch. */
    free: (partitions: readonly number[]) => partitions.filter((partition) => !inHand.has(partition)),
    /**
     * @param next offset after the batch
     * @returns a promise that settles when the batch is handled; undefined when it already is
     * @throws what the callback throws synchronously
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
    /** Moves the position past records that are not for consumers. */
    skip: (partition: number, next: bigint) => void positions.set(partition, next),
    /** Resolves when a batch is handled; at once if none is unfinished. @throws the error of a failed callback */
    next: async () => (inHand.size === 0 ? undefined : Promise.race(inHand.values())),
    /** Resolves when all callbacks have ended. */
    settled: async () => void (await Promise.allSettled(inHand.values())),
    /** Rejects with the error of a failed callback; otherwise never settles. */
    failed,
    /** Sets new positions. An unfinished batch advances its partition only if that has the same position as before. */
    beginAt(begun: ReadonlyMap<number, bigint>): void {
      positions = new Map(begun);
    },
  };
}
