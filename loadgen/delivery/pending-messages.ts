// Counts delayed messages that a broker still holds back, which are pending and not lost.

import type { LogOffsets } from './log-offsets.ts';
import { isAt, type PartitionNamer } from './topic-place.ts';

export type PendingMessages = ReturnType<typeof pendingMessages>;

interface PendingEvidence {
  /** Messages by place. */
  acknowledged: ReadonlyMap<number, number>;
  before: LogOffsets | undefined;
  after: LogOffsets | undefined;
  /** Messages of anyone that brokers keep back, read before the ends of the logs; absent when one of them did not say. */
  keptBack: number | undefined;
  namePlace: PartitionNamer;
}

/**
 * Brokers do not report whose messages they hold back, so at most as many are pending as they hold back in all. Other missing
 * messages are lost. A place whose start or end was not read is left out: nothing in it counts as lost.
 */
export function pendingMessages({ acknowledged, before, after, keptBack, namePlace }: PendingEvidence) {
  /** Acknowledged, not in its log by the offsets, and perhaps with the broker. */
  const byPlace = new Map<number, number>();
  let left = keptBack ?? Infinity;
  for (const [place, count] of acknowledged) {
    const isHere = isAt(namePlace(place));
    const [from, to] = [before?.find(isHere), after?.find(isHere)];
    if (from === undefined || to === undefined) continue;
    const pending = Math.min(left, Math.max(0, count - Math.max(0, to.end - from.end)));
    if (pending === 0) continue;
    byPlace.set(place, pending);
    left -= pending;
  }
  // If the number of delayed messages is unknown, each of them may also be lost.
  return { byPlace, isKnown: keptBack !== undefined };
}
