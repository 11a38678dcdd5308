// Computes the target offset of a group in one partition and the messages it skips or repeats.

import type { GroupPosition, Moment } from '../../brokers/group-offsets.ts';
import { distance, isBeyondEnd } from '../../core/consumer-lag.ts';

export type ResetTarget =
  | { kind: 'time'; atMs: number }
  | { kind: 'earliest' }
  | { kind: 'latest' }
  | { kind: 'offset'; offset: bigint }
  /** Relative to the group's position; negative is backwards. */
  | { kind: 'shift'; by: bigint };

export interface Move {
  kind: 'move';
  target: bigint;
  /** Upper bound: compaction and transaction markers leave offsets without a message. Absent if the group's position is unknown. */
  skipped?: bigint;
  repeated?: bigint;
  /** Messages between the group's position and the first stored one, which are already deleted. */
  lost?: bigint;
  /** The requested offset is before the first or after the last message. */
  cutTo?: 'start' | 'end';
}

export type Outcome =
  | Move
  /** The position is unchanged. */
  | { kind: 'stay'; reason: string }
  | { kind: 'unknown'; reason: string };

/**
 * @param found for a target time: the first offset at or after it, `none` if all messages are older, undefined if
 *   unknown
 * @returns the target within the stored offsets; unknown if an offset that it needs is unknown
 */
export function outcomeOf(aim: ResetTarget, position: GroupPosition, found?: bigint | 'none'): Outcome {
  const { start, end, committed } = position;
  if (start === undefined || end === undefined) {
    return { kind: 'unknown', reason: 'no leader reports its first and last offset now' };
  }
  switch (aim.kind) {
    case 'earliest':
      return moveTo(start, { start, end, committed });
    case 'latest':
      return moveTo(end, { start, end, committed });
    case 'time':
      if (found === undefined) return { kind: 'unknown', reason: 'no leader reports its offset at that time now' };
      return moveTo(found === 'none' ? end : found, { start, end, committed });
    case 'offset':
      return moveTo(aim.offset, { start, end, committed });
    case 'shift':
      if (committed === undefined) {
        return { kind: 'unknown', reason: 'the group never committed here, so there is nothing to shift' };
      }
      return moveTo(committed + aim.by, { start, end, committed });
  }
}

interface Stored {
  start: bigint;
  end: bigint;
  committed: bigint | undefined;
}

/** Limits the target to the stored offsets. */
export function moveTo(wanted: bigint, { start, end, committed }: Stored): Move {
  const cutTo = wanted < start ? 'start' : wanted > end ? 'end' : undefined;
  const target = cutTo === 'start' ? start : cutTo === 'end' ? end : wanted;
  const base: Move = { kind: 'move', target, ...(cutTo && { cutTo }) };
  if (committed === undefined) return base;
  // A position before the first message continues at the first one. A commit beyond the end may belong to an earlier
  // log, so all messages or none may have been read.
  const most = clamp(committed, start, end);
  const least = isBeyondEnd({ end, committed }) ? start : most;
  return {
    ...base,
    skipped: distance(least, target),
    repeated: distance(target, most),
    ...(committed < start && { lost: start - committed }),
  };
}

/** @returns a target that a broker can resolve for a whole topic; undefined for others */
export function momentOf(aim: ResetTarget): Moment | undefined {
  if (aim.kind === 'time') return { kind: 'time', atMs: aim.atMs };
  return aim.kind === 'earliest' ? { kind: 'start' } : aim.kind === 'latest' ? { kind: 'end' } : undefined;
}

const clamp = (value: bigint, least: bigint, most: bigint) => (value < least ? least : value > most ? most : value);
