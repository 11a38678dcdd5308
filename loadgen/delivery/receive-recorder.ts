// Checks each message that a group member receives and records it for the journal.

import type { ReceivedInterval } from '../../core/documents/run-bundle.ts';
import { isIntact, readIntended, readMark, readNumber } from './payload-header.ts';
import { IntervalSet } from './interval-set.ts';
import { createRunWriter, type RunWriter } from './number-runs.ts';
import { isUnknownPlace } from './place.ts';
import { createShare, everySlot, type SlotShare } from './slot-share.ts';
import { defined } from '../../core/defined.ts';
import { getOrMake } from '../../core/get-or-make.ts';

/*
 * How a consumer thread uses it:
 *
 *     intended = book.receive(value, placeOf(topicIndex, partition), offset, nowMicroseconds);     for each message
 *     line.ledger = book.take();                                                                   in each report
 *
 * `receive` returns the time the message was due, in microseconds since the epoch, or undefined for a foreign or
 * corrupted message, which is not timed. A recorder holds one interval and the marks of each place, so a restarted
 * member begins with an empty one; duplicates across members and restarts are found where journal lines are combined.
 */

interface ReceiveRecorderOptions {
  /** Marks of this attempt first, then of earlier attempts, whose messages may still be in the topic. */
  marks: readonly { attempt: number; mark: number }[];
  slotCount: number;
  /** Slots of each producer at the start, so that batches need only a few bytes. Other slots need more bytes. */
  senders: readonly (readonly number[])[];
  /** A message consumed later than this after it was due counts as late. Absent: no message does. */
  lateAfterSeconds?: number;
}

export type ReceiveRecorder = ReturnType<typeof createReceiveRecorder>;

/** Received messages that one attempt sent. */
interface Attempt {
  attempt: number;
  mark: number;
  writer: RunWriter;
  /**
   * Distinguishes duplicates from reordered messages; a window suffices because a member may receive only some
   * messages.
   */
  recent: IntervalSet;
}

interface PartitionMarks {
  place: number;
  /** Offset after the highest received. */
  passed: number;
  /** By attempt: for each slot the highest sequence received, -1 before the first. */
  highest: (Float64Array | undefined)[];
  reordered: number;
  late: number;
}

/** 2 MiB, at least the last 16 million numbers: duplicates follow within seconds. */
const recentPages = 4096;

export function createReceiveRecorder(options: ReceiveRecorderOptions) {
  const { slotCount, lateAfterSeconds = Infinity } = options;
  const shares = sharesOf(options);
  const { shareOf, ranks, sizes } = indexTables(shares, slotCount);
  const attempts: Attempt[] = options.marks.map(({ attempt, mark }) => ({
    attempt,
    mark,
    writer: createRunWriter(slotCount, shares),
    recent: new IntervalSet({ mostRaggedPages: recentPages, overflow: 'blur' }),
  }));
  const offsetWriter = () => createRunWriter(1, [everySlot(1)]);
  const [offsets, corrupted, foreign] = [offsetWriter(), offsetWriter(), offsetWriter()];
  const places = new Map<number, PartitionMarks>();
  const latest = attempts[0] as Attempt;
  const latestMark = latest.mark;
  let marks: PartitionMarks = marksOf(0);
  // The growing run: indexes of a share and offsets of a place, both contiguous.
  let sender = 0;
  let share = 0;
  let from = 0;
  let to = 0;
  let offsetTo = 0;

  function marksOf(place: number): PartitionMarks {
    return getOrMake(places, place, () => ({ place, passed: 0, highest: [], reordered: 0, late: 0 }));
  }

  function finishRun(): void {
    if (from === to) return;
    const { writer, recent } = attempts[sender] as Attempt;
    writer.add(share, marks.place, from, to);
    offsets.add(0, marks.place, offsetTo - (to - from), offsetTo);
    recent.addShare(shares[share] as SlotShare, from, to);
    from = to;
  }

  function isOutOfOrder(attempt: number, slot: number, sequence: number, number: number): boolean {
    const highest = (marks.highest[attempt] ??= new Float64Array(slotCount).fill(-1));
    if (sequence > (highest[slot] ?? 0)) {
      highest[slot] = sequence;
      return false;
    }
    finishRun();
    return !(attempts[attempt] as Attempt).recent.has(number);
  }

  return {
    receive(value: Buffer, place: number, offset: number, nowMicroseconds: number): number | undefined {
      if (place !== marks.place) {
        finishRun();
        marks = marksOf(place);
      }
      const isNew = offset >= marks.passed;
      if (isNew) marks.passed = offset + 1;
      const mark = readMark(value);
      const attempt = mark === latestMark ? 0 : attempts.findIndex((candidate) => candidate.mark === mark);
      if (attempt < 0) {
        foreign.add(0, place, offset, offset + 1);
        return undefined;
      }
      if (!isIntact(value)) {
        corrupted.add(0, place, offset, offset + 1);
        return undefined;
      }
      const number = readNumber(value);
      const sequence = Math.floor(number / slotCount);
      const slot = number - sequence * slotCount;
      const intended = readIntended(value);
      if (isNew && nowMicroseconds - intended > lateAfterSeconds * 1e6) marks.late += 1;
      // Messages from a retry topic arrive in that topic's order.
      const isOrdered = isNew && !isUnknownPlace(place);
      if (isOrdered && isOutOfOrder(attempt, slot, sequence, number)) marks.reordered += 1;
      const own = shareOf[slot] ?? 0;
      const index = sequence * (sizes[own] ?? 0) + (ranks[slot] ?? 0);
      if (index !== to || offset !== offsetTo || own !== share || attempt !== sender || from === to) {
        finishRun();
        sender = attempt;
        share = own;
        from = index;
        to = index;
        offsetTo = offset;
      }
      to += 1;
      offsetTo += 1;
      return intended;
    },
    /** @returns the messages received since the last call; undefined if none */
    take(): ReceivedInterval | undefined {
      finishRun();
      const received = attempts.flatMap(({ attempt, writer }) => {
        const numbers = writer.take();
        return numbers === undefined ? [] : [{ attempt, numbers }];
      });
      const taken = defined({
        received: received.length > 0 ? received : undefined,
        offsets: offsets.take(),
        corrupted: corrupted.take(),
        foreign: foreign.take(),
        faults: takeFaults(places.values()),
      });
      return Object.keys(taken).length === 0 ? undefined : taken;
    },
  };
}

/** Creates one share per sender, and one for slots without an owner. */
function sharesOf({ senders, slotCount }: ReceiveRecorderOptions): SlotShare[] {
  const owned = new Set(senders.flat());
  const nobodys = Array.from({ length: slotCount }, (_, slot) => slot).filter((slot) => !owned.has(slot));
  return [...senders, nobodys].filter((slots) => slots.length > 0).map((slots) => createShare(slots, slotCount));
}

/** Computes, by slot, its share and its rank there; and by share, its slot count. */
function indexTables(shares: readonly SlotShare[], slotCount: number) {
  const shareOf = new Int32Array(slotCount);
  const ranks = new Int32Array(slotCount);
  for (const [index, share] of shares.entries()) {
    for (const [rank, slot] of share.slots.entries()) {
      shareOf[slot] = index;
      ranks[slot] = rank;
    }
  }
  return { shareOf, ranks, sizes: Int32Array.from(shares, ({ slots }) => slots.length) };
}

function takeFaults(places: Iterable<PartitionMarks>): ReceivedInterval['faults'] {
  const faults: NonNullable<ReceivedInterval['faults']> = [];
  for (const marks of places) {
    const { place, reordered, late } = marks;
    if (reordered === 0 && late === 0) continue;
    faults.push({ place, ...(reordered > 0 && { reordered }), ...(late > 0 && { late }) });
    Object.assign(marks, { reordered: 0, late: 0 });
  }
  return faults.length > 0 ? faults : undefined;
}
