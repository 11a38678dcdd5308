// Computes how many offsets of a partition a group may still have to read: unread is not lost.

import type { LogOffsets, PartitionLogOffsets } from './log-offsets.ts';
import type { IntervalSet } from './interval-set.ts';
import { without } from './number-range.ts';

interface LogPlace {
  topic: string;
  partition?: number;
}

/** Each transaction ends with a marker in each of its partitions; two stand together where one transaction was empty. */
const mostMarkersTogether = 2;

/**
 * @param passed offsets the group was given; absent when it was given none
 * @param transactions gaps that markers may have left do not count
 * @returns Infinity when it is not known where the log ended: everything may be unread then
 */
export function unreadOffsets(
  passed: IntervalSet | undefined,
  place: LogPlace,
  before: LogOffsets | undefined,
  after: LogOffsets | undefined,
  transactions: boolean,
): number {
  const end = find(after, place);
  if (end === undefined) return Infinity;
  // What retention has deleted since cannot be read any more.
  const from = Math.max(find(before, place)?.end ?? 0, end.start);
  let count = 0;
  for (const [gap, back] of without([[from, Math.max(from, end.end)]], passed?.ranges() ?? [])) {
    if (!transactions || back - gap > mostMarkersTogether) count += back - gap;
  }
  return count;
}

function find(offsets: LogOffsets | undefined, { topic, partition }: LogPlace) {
  return offsets?.find((one: PartitionLogOffsets) => one.topic === topic && one.partition === partition);
}
