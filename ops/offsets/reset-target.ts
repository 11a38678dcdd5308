// Computes the target offset of a group in one partition and the messages it skips or repeats.

import type { GroupPosition, Moment } from '../../brokers/group-offsets.ts';
import { distance, isBeyondEnd } from '../../core/consumer-lag.ts';

export type ResetTarget =
  | { kind: 'time'; atMs: number }
  | { kind: 'earliest' }
  | { kind: 'latest' }
  | { kind: 'offset'; offset: bigint }
  /** From where the group stands; negative is back. */
  | { kind: 'shift'; by: bigint };

export interface Move {
  kind: 'move';
  target: bigint;
  /** At most: compaction and markers of transactions leave offsets without a message. Absent if the position of the group is unknown. */
  skipped?: bigint;
  repeated?: bigint;
  /** Messages between where the group stands and the first that is stored: gone already, whatever is done. */
  lost?: bigint;
  /** The requested offset lies before the first or behind the last message. */
  cutTo?: 'start' | 'end';
}

export type Outcome =
  | Move
  /** Left as it is. */
  | { kind: 'stay'; reason: string }
  | { kind: 'unknown'; reason: string };

/**
 * @param found of an aim in time: the first offset at or after it, `none` if all messages are older, undefined if unknown
 * @returns where the group goes, within what is stored; unknown where a figure for it is
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

/** Between what was gone already and what is not there yet. */
export function moveTo(wanted: bigint, { start, end, committed }: Stored): Move {
  const cutTo = wanted < start ? 'start' : wanted > end ? 'end' : undefined;
  const target = cutTo === 'start' ? start : cutTo === 'end' ? end : wanted;
  const base: Move = { kind: 'move', target, ...(cutTo && { cutTo }) };
  if (committed === undefined) return base;
  // Who stands before the first message reads on from there. A commit beyond the end may belong to an earlier log: all or nothing was read.
  const most = clamp(committed, start, end);
  const least = isBeyondEnd({ end, committed }) ? start : most;
  return {
    ...base,
    skipped: distance(least, target),
    repeated: distance(target, most),
    ...(committed < start && { lost: start - committed }),
  };
}

/** What a broker finds by itself for all of a topic. */
export function momentOf(aim: ResetTarget): Moment | undefined {
  if (aim.kind === 'time') return { kind: 'time', atMs: aim.atMs };
  return aim.kind === 'earliest' ? { kind: 'start' } : aim.kind === 'latest' ? { kind: 'end' } : undefined;
}

const clamp = (value: bigint, least: bigint, most: bigint) => (value < least ? least : value > most ? most : value);
