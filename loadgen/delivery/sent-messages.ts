// Accumulates the messages of one attempt that all producers sent, and their outcomes.

import type { SentInterval } from '../../core/documents/run-bundle.ts';
import { IntervalSet } from './interval-set.ts';
import { readRuns } from './number-runs.ts';
import { lengthOf, without, type NumberRange } from './number-range.ts';

export class SentMessages {
  readonly sent = new IntervalSet();
  readonly acknowledged = new IntervalSet();
  readonly refused = new IntervalSet();
  /** Distinct acknowledged messages, by place. */
  readonly acknowledgedIn = new Map<number, number>();

  /** @throws AppError run-unreadable */
  add({ acknowledged, refused, unknownFate, unanswered }: SentInterval): void {
    if (acknowledged !== undefined) {
      readRuns(acknowledged, (share, place = 0, from, to) => {
        const added = to - from - this.acknowledged.addShare(share, from, to);
        this.acknowledgedIn.set(place, (this.acknowledgedIn.get(place) ?? 0) + added);
        this.sent.addShare(share, from, to);
      });
    }
    if (refused !== undefined) {
      readRuns(refused, (share, _place, from, to) => {
        this.refused.addShare(share, from, to);
        this.sent.addShare(share, from, to);
      });
    }
    for (const numbers of [unknownFate, unanswered]) {
      if (numbers !== undefined) readRuns(numbers, (share, _place, from, to) => this.sent.addShare(share, from, to));
    }
  }

  /** @returns sent messages neither acknowledged nor refused; a message that was both counts as acknowledged */
  unknownFate(): Iterable<NumberRange> {
    return known(without(without(this.sent.ranges(), this.acknowledged.ranges()), this.refused.ranges()), [
      this.acknowledged,
      this.refused,
    ]);
  }

  /** @returns acknowledged messages that are not among the received */
  missingFrom(received: IntervalSet): Iterable<NumberRange> {
    return known(without(this.acknowledged.ranges(), received.ranges()), [received]);
  }

  refusedCount(): number {
    return lengthOf(without(this.refused.ranges(), this.acknowledged.ranges()));
  }

  get blurred(): number {
    return Math.max(this.sent.blurred, this.acknowledged.blurred, this.refused.blurred);
  }
}

/** Removes ranges that one of the sets has blurred, so that no message is called missing on a guess. */
export function known(ranges: Iterable<NumberRange>, sets: readonly IntervalSet[]): Iterable<NumberRange> {
  return sets.reduce((rest, set) => without(rest, set.blurredRanges()), ranges);
}
