// Records the outcome of one producer's messages for the journal: acknowledged, refused or unknown.

import type { SentInterval } from '../../core/documents/run-bundle.ts';
import { createRunWriter } from './number-runs.ts';
import { createShare, indexOf, type SlotShare } from './slot-share.ts';
import { defined } from '../../core/defined.ts';

/*
 * How a producer thread uses it, once per batch and never per message:
 *
 *     book.sent(placeOf(topicIndex, partition), numbers);          ascending; keep the array until it is settled
 *     book.settle(numbers, 'acknowledged', 0, numbers.length);     or a part of it, as reported to onAcknowledged
 *     line.ledger = book.take();                                   in each report
 *     book.adopt(slots);                                           when slots of another producer are taken over
 *
 * `refused` means certainly not stored: the broker responded that it did not store the batch, or the transaction was
 * aborted. A timeout, a lost connection or an aborted wait leaves the fate unknown. A message given up before sending
 * is in no set.
 */

/** Final fate of a sent message. */
export type SendFate = 'acknowledged' | 'refused' | 'unknownFate';

export type SendRecorder = ReturnType<typeof createSendRecorder>;

interface SendRecorderOptions {
  /** Attempt of the run: 1, or more after a resume. */
  attempt: number;
  slotCount: number;
  slots: readonly number[];
}

export function createSendRecorder({ attempt, slotCount, slots }: SendRecorderOptions) {
  const shares: SlotShare[] = [createShare(slots, slotCount)];
  const writer = () => createRunWriter(slotCount, shares);
  const fates: Record<SendFate, ReturnType<typeof writer>> = {
    acknowledged: writer(),
    refused: writer(),
    unknownFate: writer(),
  };
  const unansweredNow = writer();
  const unanswered = new Map<readonly number[], { place: number; left: number }>();

  function write(to: ReturnType<typeof writer>, place: number, numbers: readonly number[], from: number, end: number) {
    const current = shares.length - 1;
    const share = shares[current] as SlotShare;
    for (let at = from; at < end;) {
      const first = indexOf(share, numbers[at] ?? 0);
      let last = first;
      for (at += 1; at < end && indexOf(share, numbers[at] ?? 0) === last + 1; at++) last += 1;
      to.add(current, place, first, last + 1);
    }
  }

  return {
    /** @param numbers ascending, all on slots of this producer; pass the same array to `settle` */
    sent: (place: number, numbers: readonly number[]): void =>
      void unanswered.set(numbers, { place, left: numbers.length }),
    /** Settles the messages at `from` to `to` (exclusive) of a batch; each is settled once. */
    settle(numbers: readonly number[], fate: SendFate, from: number, to: number): void {
      const batch = unanswered.get(numbers);
      if (batch === undefined) throw new RangeError('a batch was settled that was not sent, or twice');
      write(fates[fate], batch.place, numbers, from, to);
      batch.left -= to - from;
      if (batch.left <= 0) unanswered.delete(numbers);
    },
    adopt(more: readonly number[]): void {
      const own = shares.at(-1)?.slots ?? [];
      shares.push(createShare([...own, ...more], slotCount));
    },
    /** @returns events since the last call and messages unanswered now; undefined if there are none */
    take(): SentInterval | undefined {
      for (const [numbers, { place }] of unanswered) write(unansweredNow, place, numbers, 0, numbers.length);
      const taken = defined({
        acknowledged: fates.acknowledged.take(),
        refused: fates.refused.take(),
        unknownFate: fates.unknownFate.take(),
        unanswered: unansweredNow.take(),
      });
      return Object.keys(taken).length === 0 ? undefined : { attempt, ...taken };
    },
  };
}
