// Computes the lag of a group: per partition, to the high watermark and to the last stable offset; lost messages; and the sum.

import type { ConsumerLag } from './cluster.ts';

/** Lag in offsets, so control records of transactions and gaps from compaction count as messages. */
interface PartitionLag {
  /** Lag to the last stable offset; absent if the broker has none. */
  toLastStable?: bigint;
  /** Messages still readable: end minus the commit, or minus the start if the commit is below it. Absent while the start is unknown. */
  consumable?: bigint;
}

/**
 * `uncommitted` is neither lag 0 nor the whole log. `beyond-end`: the commit belongs to an earlier log, so it is unknown what the group
 * read of this one. `lost`: retention deleted `lostMessages` before the group read them.
 */
export type PartitionProgress =
  | { kind: 'uncommitted' }
  | ({ kind: 'ok' | 'beyond-end' } & PartitionLag)
  | ({ kind: 'lost'; lostMessages: bigint } & PartitionLag);

export function progressOf(lag: ConsumerLag): PartitionProgress {
  const { committed, start, end, lastStable } = lag;
  if (committed === undefined) return { kind: 'uncommitted' };
  if (isBeyondEnd(lag)) return { kind: 'beyond-end' };
  // Control records of transactions are not messages, so a group loses nothing with them.
  const { nextMessageOffset: unread = committed } = lag;
  const isLost = start !== undefined && unread < start;
  const behind: PartitionLag = {
    // A group that reads uncommitted messages is often past the last stable offset: the lag is then 0.
    ...(lastStable !== undefined && { toLastStable: distance(committed, lastStable) }),
    ...(start !== undefined && { consumable: distance(nextOffset({ committed, start }), end) }),
  };
  return isLost ? { kind: 'lost', lostMessages: start - unread, ...behind } : { kind: 'ok', ...behind };
}

/** Whether the commit belongs to an earlier log, or the end was read earlier. Either way it is unknown what the group has not read. */
export const isBeyondEnd = ({ end, committed }: Pick<ConsumerLag, 'end' | 'committed'>): boolean =>
  committed !== undefined && committed > end;

/** The first offset the group can still read. */
export function nextOffset({ committed, start }: { committed: bigint; start?: bigint | undefined }): bigint {
  return start !== undefined && committed < start ? start : committed;
}

/** @returns undefined if the group has not committed: unknown, not the whole log */
export function lagOf({ end, committed }: Pick<ConsumerLag, 'end' | 'committed'>): bigint | undefined {
  return committed === undefined ? undefined : distance(committed, end);
}

/** @returns undefined if the group has committed in no partition */
export function lagIn(partitions: Iterable<ConsumerLag>): bigint | undefined {
  const lags = Array.from(partitions, lagOf).filter((lag) => lag !== undefined);
  return lags.length === 0 ? undefined : lags.reduce((sum, lag) => sum + lag, 0n);
}

/** @returns the messages that retention deleted before the group read them, of partitions with a known start; undefined if none */
export function lostIn(partitions: Iterable<ConsumerLag>): number | undefined {
  const lost = Array.from(partitions, progressOf).reduce(
    (sum, progress) => (progress.kind === 'lost' ? sum + progress.lostMessages : sum),
    0n,
  );
  return lost > 0n ? Number(lost) : undefined;
}

/** Whether there are commits in partitions whose end was not read, so that the sum is too low. */
export const lacksEnds = ({ withoutEnd }: { withoutEnd?: ReadonlyMap<string, unknown> }): boolean =>
  (withoutEnd?.size ?? 0) > 0;

/** Messages from one offset to another; 0 if it is lower, as after a topic was re-created. */
export const distance = (from: bigint, to: bigint): bigint => (to > from ? to - from : 0n);
