// Counts delayed messages that a broker still holds back, which are pending and not lost.

import type { LogOffsets } from './log-offsets.ts';
import { isAt, type PartitionNamer } from './topic-place.ts';

export type PendingMessages = ReturnType<typeof pendingMessages>;

interface PendingEvidence {
  /** Messages by place. */
  acknowledged: ReadonlyMap<number, number>;
  before: LogOffsets | undefined;
  after: LogOffsets | undefined;
  /** Messages held back by brokers, of any producer, read before the log ends; absent if a broker did not report it. */
  keptBack: number | undefined;
  namePlace: PartitionNamer;
}

/**
 * Counts pending messages. Brokers do not report whose messages they hold back, so at most that many are pending. Other
 * missing messages are lost. A place without a start or end offset is left out: none of its messages counts as lost.
 */
export function pendingMessages({ acknowledged, before, after, keptBack, namePlace }: PendingEvidence) {
  /** Acknowledged messages that offsets show are not in the log and may be held back by the broker. */
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
