// Computes the lag of a group: of one partition in two ways, with what was lost to retention, and summed.

import type { ConsumerLag } from './cluster.ts';

/** Offsets count what a log holds: control records of transactions, and gaps that compaction left, count as messages. */
interface PartitionLag {
  /** To where a reader of committed transactions must stop; absent where the broker has no such offset. */
  toLastStable?: bigint;
  /** What can still be read: the end less the commit, or less the start where the commit lies below it. Absent while the start is unknown. */
  consumable?: bigint;
}

/** `uncommitted` is neither lag 0 nor a full lag. `lost`: retention deleted `lostMessages` before the group read them. */
type PartitionProgress =
  { kind: 'uncommitted' } | ({ kind: 'ok' } & PartitionLag) | ({ kind: 'lost'; lostMessages: bigint } & PartitionLag);

export type ProgressKind = PartitionProgress['kind'];

export function progressOf(lag: ConsumerLag): PartitionProgress {
  const { committed, start, end, lastStable } = lag;
  if (committed === undefined) return { kind: 'uncommitted' };
  // The markers of transactions are no messages: a group loses nothing with them.
  const { nextMessageOffset: unread = committed } = lag;
  const isLost = start !== undefined && unread < start;
  const behind: PartitionLag = {
    // A group that reads uncommitted transactions is often past it: then it is 0.
    ...(lastStable !== undefined && { toLastStable: distance(committed, lastStable) }),
    ...(start !== undefined && { consumable: distance(nextOffset({ committed, start }), end) }),
  };
  return isLost ? { kind: 'lost', lostMessages: start - unread, ...behind } : { kind: 'ok', ...behind };
}

/** The first offset the group can still read. */
export function nextOffset({ committed, start }: { committed: bigint; start?: bigint | undefined }): bigint {
  return start !== undefined && committed < start ? start : committed;
}

/** @returns undefined where the group has not committed: that is unknown, not a full lag */
export function lagOf({ end, committed }: Pick<ConsumerLag, 'end' | 'committed'>): bigint | undefined {
  return committed === undefined ? undefined : distance(committed, end);
}

/** @returns undefined where the group has committed in no partition */
export function lagIn(partitions: Iterable<ConsumerLag>): bigint | undefined {
  const lags = Array.from(partitions, lagOf).filter((lag) => lag !== undefined);
  return lags.length === 0 ? undefined : lags.reduce((sum, lag) => sum + lag, 0n);
}

/** Commits of partitions whose end was not read: the sum over the others is too low. */
export const lacksEnds = ({ withoutEnd }: { withoutEnd?: ReadonlyMap<string, unknown> }): boolean =>
  (withoutEnd?.size ?? 0) > 0;

/** Messages from one offset to another; 0 if it is lower, as after a topic was re-created. */
export const distance = (from: bigint, to: bigint): bigint => (to > from ? to - from : 0n);
