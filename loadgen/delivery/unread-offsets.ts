// Computes how many offsets of a partition a group has not read: unread is not lost.

import type { LogOffsets } from './log-offsets.ts';
import type { IntervalSet } from './interval-set.ts';
import { without } from './number-range.ts';
import { isAt, type LogPlace } from './topic-place.ts';

export interface UnreadOffsets {
  /** Unread offsets; Infinity if the end of the log is unknown, because then everything may be unread. */
  all: number;
  /** Unread offsets before the first stored offset: retention deleted them. */
  expired: number;
}

/** Each transaction ends with a marker in each of its partitions; two are adjacent if one transaction was empty. */
const mostMarkersTogether = 2;

/**
 * @param passed offsets delivered to the group; absent if none
 * @param transactions true to ignore gaps that markers may have left
 */
export function unreadOffsets(
  passed: IntervalSet | undefined,
  place: LogPlace,
  before: LogOffsets | undefined,
  after: LogOffsets | undefined,
  transactions: boolean,
): UnreadOffsets {
  const log = after?.find(isAt(place));
  if (log === undefined) return { all: Infinity, expired: 0 };
  const from = before?.find(isAt(place))?.end ?? log.start;
  const unread = { all: 0, expired: 0 };
  for (const [gap, back] of without([[from, Math.max(from, log.end)]], passed?.ranges() ?? [])) {
    if (transactions && back - gap <= mostMarkersTogether) continue;
    unread.all += back - gap;
    unread.expired += Math.max(0, Math.min(back, log.start) - gap);
  }
  return unread;
}
