// Accumulates the messages that all members of a consumer group received.

import type { ReceivedInterval } from '../../core/documents/run-bundle.ts';
import { getOrMake } from '../../core/get-or-make.ts';
import { IntervalSet } from './interval-set.ts';
import { isUnknownPlace } from './place.ts';
import { readRuns } from './number-runs.ts';

const noFaults = { duplicated: 0, redelivered: 0, rewritten: 0, reordered: 0, corrupted: 0, foreign: 0, late: 0 };

/** Deliveries from one place. */
export type PartitionDeliveries = typeof noFaults & {
  /** Offsets delivered to the group: messages of the run, corrupted and foreign messages. */
  passed: IntervalSet;
};

/** A place is read in order except for redeliveries, so few ragged pages suffice: 64 pages are 262,144 offsets. */
const raggedPagesOfPlace = 64;

/** Counts of message numbers and offsets in a journal line that earlier lines already contain. */
interface PartitionOfLine {
  numbersAgain: number;
  offsetsAgain: number;
}

export class GroupDeliveries {
  /** Distinct numbers received, by attempt. */
  readonly received = new Map<number, IntervalSet>();
  readonly places = new Map<number, PartitionDeliveries>();

  /** @throws AppError run-unreadable */
  add({ received = [], offsets, corrupted, foreign, faults = [] }: ReceivedInterval): void {
    const line = new Map<number, PartitionOfLine>();
    for (const { attempt, numbers } of received) {
      const set = this.receivedOf(attempt);
      readRuns(numbers, (share, place = 0, from, to) => {
        partitionOfLine(line, place).numbersAgain += set.addShare(share, from, to);
      });
    }
    this.#pass(offsets, (place, again) => (partitionOfLine(line, place).offsetsAgain += again));
    // A repeated message at a repeated offset is a redelivery; at a new offset it is stored twice. A new message at an
    // old offset means that the log was truncated. Messages from a retry topic always count as redelivered.
    for (const [place, { numbersAgain, offsetsAgain }] of line) {
      const of = this.#placeOf(place);
      const redelivered = isUnknownPlace(place) ? numbersAgain : Math.min(numbersAgain, offsetsAgain);
      of.redelivered += redelivered;
      of.duplicated += numbersAgain - redelivered;
      of.rewritten += isUnknownPlace(place) ? 0 : offsetsAgain - redelivered;
    }
    this.#pass(corrupted, (place, again, length) => (this.#placeOf(place).corrupted += length - again));
    this.#pass(foreign, (place, again, length) => (this.#placeOf(place).foreign += length - again));
    for (const { place, reordered = 0, late = 0 } of faults) {
      const of = this.#placeOf(place);
      of.reordered += reordered;
      of.late += late;
    }
  }

  receivedOf(attempt: number): IntervalSet {
    return getOrMake(this.received, attempt, () => new IntervalSet());
  }

  #pass(offsets: string | undefined, then: (place: number, again: number, length: number) => void): void {
    if (offsets === undefined) return;
    readRuns(offsets, (_share, place = 0, from, to) =>
      then(place, this.#placeOf(place).passed.add(from, to), to - from),
    );
  }

  #placeOf(place: number): PartitionDeliveries {
    return getOrMake(this.places, place, () => ({
      passed: new IntervalSet({ mostRaggedPages: raggedPagesOfPlace, overflow: 'fill' }),
      ...noFaults,
    }));
  }
}

const partitionOfLine = (line: Map<number, PartitionOfLine>, place: number): PartitionOfLine =>
  getOrMake(line, place, () => ({ numbersAgain: 0, offsetsAgain: 0 }));
