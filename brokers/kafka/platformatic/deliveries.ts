// Tracks per partition which batches the callback has handled; an unfinished batch holds only its partition.

import { awaitedElsewhere } from '../../../core/ignore-fault.ts';
import type { IncomingBatch, OnBatch } from '../../driver.ts';

export interface Deliveries {
  /** By partition, the offset after everything that is through. */
  readonly positions: ReadonlyMap<number, bigint>;
  /** Those whose last batch is through, or that had none. */
  free(partitions: readonly number[]): number[];
  /**
   * @param next offset after the batch
   * @returns settles when the callback is through; absent when it is already
   * @throws what the callback throws at once
   */
  deliver(batch: IncomingBatch, next: bigint): Promise<void> | undefined;
  /** Nothing of it was for consumers. */
  skip(partition: number, next: bigint): void;
  /** Resolves when a batch is through; at once when nothing is in hand. @throws what a callback failed with */
  next(): Promise<void>;
  /** Resolves when all callbacks have ended. */
  settled(): Promise<void>;
  /** Rejects with what a callback failed with; else never settles. */
  readonly failed: Promise<never>;
  /** What is still in hand moves its partition on only if that is read from the same place again. */
  beginAt(positions: ReadonlyMap<number, bigint>): void;
}

/** @param through called after each callback, before the next batch of the partition */
export function createDeliveries(
  onBatch: OnBatch,
  through?: (partition: number, next: bigint) => Promise<void>,
): Deliveries {
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
    get positions() {
      return positions;
    },
    free: (partitions) => partitions.filter((partition) => !inHand.has(partition)),
    deliver(batch, next) {
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
    skip: (partition, next) => void positions.set(partition, next),
    next: async () => (inHand.size === 0 ? undefined : Promise.race(inHand.values())),
    settled: async () => void (await Promise.allSettled(inHand.values())),
    failed,
    beginAt(begun) {
      positions = new Map(begun);
    },
  };
}
