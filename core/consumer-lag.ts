// How many messages is a group behind in one partition? Three ways to count, and what was lost to retention.

import type { ConsumerLag } from './cluster.ts';

/** Offsets count what a log holds: control records of transactions, and gaps that compaction left, count as messages. */
export interface Behind {
  /** To the high watermark. */
  toEnd: bigint;
  /** To where a reader of committed transactions must stop; absent where the broker has no such offset. */
  toLastStable?: bigint;
  /** What can still be read: the end less the commit, or less the start where the commit lies below it. Absent while the start is unknown. */
  consumable?: bigint;
  /** The commit lies beyond the end, as after a topic was re-created: the lag is shown as 0. */
  clamped: boolean;
}

/** `uncommitted` is neither lag 0 nor a full lag. `lost`: retention deleted `lostMessages` before the group read them. */
export type PartitionProgress =
  { kind: 'uncommitted' } | ({ kind: 'ok' } & Behind) | ({ kind: 'lost'; lostMessages: bigint } & Behind);

export type ProgressKind = PartitionProgress['kind'];

export function progressOf({ committed, start, end, lastStable }: ConsumerLag): PartitionProgress {
  if (committed === undefined) return { kind: 'uncommitted' };
  const isLost = start !== undefined && committed < start;
  const behind: Behind = {
    toEnd: distance(committed, end),
    // A group that reads uncommitted transactions is often past it: no clamp to tell of.
    ...(lastStable !== undefined && { toLastStable: distance(committed, lastStable) }),
    ...(start !== undefined && { consumable: distance(isLost ? start : committed, end) }),
    clamped: committed > end,
  };
  return isLost ? { kind: 'lost', lostMessages: start - committed, ...behind } : { kind: 'ok', ...behind };
}

/** The first offset the group can still read. */
export function nextOffset({ committed, start }: { committed: bigint; start?: bigint | undefined }): bigint {
  return start !== undefined && committed < start ? start : committed;
}

const distance = (from: bigint, to: bigint) => (to > from ? to - from : 0n);
