// Tracks unanswered sends and records the outcome of each.

import type { TrafficProducer } from '../../../brokers/driver.ts';
import { brokerCauseOf } from '../../../brokers/error-class.ts';
import { fateOfFailure } from '../../../brokers/send-fate.ts';
import { AppError } from '../../../core/errors.ts';
import { placeOf, unknownPlaceOf } from '../../delivery/place.ts';
import type { SendRecorder } from '../../delivery/send-recorder.ts';
import type { RunClock } from '../run-clock.ts';
import type { ErrorCount } from '../../record/error-count.ts';
import type { Outgoing } from './outgoing.ts';
import type { ProductionCounts } from './production-counts.ts';

interface SendsOptions {
  producer: TrafficProducer;
  /** True if each message is a separate request. */
  isSingle: boolean;
  counts: ProductionCounts;
  book: SendRecorder | undefined;
  errors: ErrorCount;
  clock: RunClock;
}

export function createSends({ producer, isSingle, counts, book, errors, clock }: SendsOptions) {
  let givingUp = new AbortController();
  let unanswered = 0;
  let answered = Promise.withResolvers<void>();

  async function send(outgoing: Outgoing, plannedSend = (due: number) => due): Promise<boolean> {
    const { numbers, batch } = outgoing;
    const sentAt = clock.elapsed();
    const said = isSingle && numbers.length > 1 ? new Uint8Array(numbers.length) : undefined;
    let open = isSingle ? numbers.length : 1;
    unanswered += open;
    counts.sent(outgoing, sentAt, plannedSend);
    const { topicIndex, partition } = outgoing.place;
    const place = producer.choosesPartition === 'broker' ? unknownPlaceOf(topicIndex) : placeOf(topicIndex, partition);
    book?.sent(place, numbers);
    const acknowledge = (from: number, to: number) => {
      counts.acknowledged(outgoing, from, to, sentAt, clock.elapsed());
      if (isSingle) counts.requestsAcknowledged(to - from);
      book?.settle(numbers, 'acknowledged', from, to);
    };
    const onAcknowledged = (from: number, to: number) => {
      acknowledge(from, to);
      said?.fill(1, from, to);
      open -= to - from;
      settle(to - from);
    };
    const io = { signal: givingUp.signal, ...(said !== undefined && { onAcknowledged }) };
    try {
      await producer.send(batch, io);
      for (const [from, to] of unsaid(said, numbers.length)) acknowledge(from, to);
      if (!isSingle) counts.requestsAcknowledged(1);
      return true;
    } catch (error) {
      const left = unsaid(said, numbers.length);
      const failed = left.reduce((sum, [from, to]) => sum + to - from, 0);
      counts.failed(outgoing, failed);
      for (const [from, to] of left) book?.settle(numbers, fateOfFailure(error), from, to);
      const { code, message, hint } =
        error instanceof AppError
          ? error
          : { code: 'broker-refused', message: (error as Error).message, hint: undefined };
      errors.add({ code, cause: brokerCauseOf(error), message, hint, count: failed });
      return false;
    } finally {
      settle(open);
    }
  }

  function settle(answers: number): void {
    unanswered -= answers;
    wake();
  }

  function wake(): void {
    answered.resolve();
    answered = Promise.withResolvers();
  }

  function giveUpAfter(seconds: number, signal: AbortSignal): void {
    void clock.sleepUntil(clock.elapsed() + seconds, { signal }).then(
      () => {
        const hint = 'check the load and the log of the broker: these messages may have been stored all the same';
        givingUp.abort(
          new AppError('aborted', `no answer within ${seconds} s after the last message was sent`, { hint }),
        );
        givingUp = new AbortController();
      },
      () => {},
    );
  }

  return {
    /**
     * Resolves when the batch is answered or given up.
     *
     * @param plannedSend planned send time of a message due at a moment; default: the due time
     * @returns whether the whole batch was acknowledged
     */
    send,
    /** Unanswered produce requests, or messages if each is a separate request. */
    get unanswered(): number {
      return unanswered;
    },
    /** Resolves with the next response, or when waiters are woken. */
    answer: (): Promise<void> => answered.promise,
    wake,
    /** Fails unanswered sends after this time, unless the signal aborts first. */
    giveUpAfter,
  };
}

/** @returns the ranges that no callback reported; the whole batch if there were no callbacks */
function unsaid(said: Uint8Array | undefined, length: number): [number, number][] {
  if (said === undefined) return [[0, length]];
  const ranges: [number, number][] = [];
  for (let from = said.indexOf(0); from >= 0;) {
    const end = said.indexOf(1, from);
    ranges.push([from, end < 0 ? length : end]);
    from = end < 0 ? -1 : said.indexOf(0, end);
  }
  return ranges;
}
