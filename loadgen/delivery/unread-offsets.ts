// Computes how many offsets of a partition a group has not read: unread is not lost.

import type { LogOffsets } from './log-offsets.ts';
import type { IntervalSet } from './interval-set.ts';
import { without } from './number-range.ts';
import { isAt, type LogPlace } from './topic-place.ts';

export interface UnreadOffsets {
  /** Infinity when it is not known where the log ended: everything may be unread then. */
  all: number;
  /** Of those, before the first offset still stored: retention deleted them. */
  expired: number;
}

/** Each transaction ends with a marker in each of its partitions; two stand together where one transaction was empty. */
const mostMarkersTogether = 2;

/**
 * @param passed offsets the group was given; absent when it was given none
 * @param transactions gaps that markers may have left do not count
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
