// Delivers the batches of one partition once and in order, and resends lost ones under their sequence numbers.

import { type Clock, seconds, untilAborted } from '../../../core/clock.ts';
import type { Io, OutgoingBatch } from '../../driver.ts';
import { AppError } from '../../../core/errors.ts';
import { getOrMake } from '../../../core/get-or-make.ts';
import { kafkaErrorOf } from '../errors.ts';
import type { SendBatch } from './batch-sender.ts';
import { movedErrors } from './leaders.ts';
import type { ProducerIdentity } from './transactional-sends.ts';

/** A broker recognizes a producer's last five batches in a partition (ProducerStateEntry.NUM_BATCHES_TO_RETAIN). */
export const retainedBatches = 5;
/** Defaults of Kafka's own producer: retry.backoff.ms and delivery.timeout.ms. */
const retryPause = seconds(0.1);
const deliveryTime = seconds(120);
const highestSequence = 2 ** 31 - 1;

/** Outcome of a batch by its answer: an `again` batch may be stored or not, an `out-of-order` one is not. */
export type Verdict = 'stored' | 'again' | 'out-of-order' | 'refused';

export interface PartitionSequencerOptions {
  clock: Clock;
  /** At most five batches. */
  mostUnanswered: number;
  /** Aborts every delivery. */
  signal: AbortSignal;
  deliver(batch: OutgoingBatch, place: { epoch: number; sequence: number; sentAtMs: number }, io: Io): Promise<void>;
  judge(failure: unknown): Verdict;
  /** After a batch that will never be stored: continue with the next epoch, or refuse all that follow. */
  afterLoss: 'next-epoch' | 'refuse';
  epoch: number;
}

interface Entry {
  batch: OutgoingBatch;
  io: Io;
  /** Index of the batch in the partition. A sequence number counts messages and restarts in each epoch. */
  number: number;
  sequence: number;
  sentAtMs: number;
  giveUpAt: number;
  /** Failure of the last attempt, until the next one. */
  failed?: { cause: unknown; verdict: Verdict };
  settled: PromiseWithResolvers<void>;
}

export type PartitionSequencer = ReturnType<typeof createPartitionSequencer>;

export function createPartitionSequencer(options: PartitionSequencerOptions) {
  const { clock, mostUnanswered, signal, deliver, judge, afterLoss } = options;
  let { epoch } = options;
  let nextSequence = 0;
  let nextNumber = 0;
  let underWay = 0;
  let isPausing = false;
  /** Why a sequence number is missing at the broker, until sending continues without it. */
  let loss: { number: number; cause: unknown; isUnwritten: boolean } | undefined;
  let waiting: Entry[] = [];
  /** Batches with a sequence number, in its order. */
  let unanswered: Entry[] = [];

  /** Returns failed batches to resend unchanged, without those after a missing number. */
  const repeatable = () =>
    unanswered.filter(({ failed, number }) => failed !== undefined && (loss === undefined || number < loss.number));

  function pump(): void {
    if (isPausing) return;
    const isTroubled = loss !== undefined || unanswered.some(({ failed }) => failed !== undefined);
    // To keep the order, all requests must be answered before any batch is resent.
    if (isTroubled && underWay > 0) return;
    for (const entry of repeatable()) attempt(entry);
    if (loss !== undefined) {
      if (underWay > 0) return;
      goOn(loss);
    }
    while (unanswered.length < mostUnanswered) {
      const entry = waiting.shift();
      if (entry === undefined) return;
      if (entry.io.signal.aborted) continue;
      entry.sequence = nextSequence;
      entry.number = nextNumber++;
      entry.sentAtMs = clock.now().getTime();
      nextSequence = after(nextSequence, entry.batch.values.length);
      unanswered.push(entry);
      attempt(entry);
    }
  }

  function attempt(entry: Entry): void {
    delete entry.failed;
    underWay += 1;
    const { batch, sequence, sentAtMs } = entry;
    deliver(batch, { epoch, sequence, sentAtMs }, { signal }).then(
      () => answered(entry, 'stored'),
      (cause: unknown) => answered(entry, judge(cause), cause),
    );
  }

  function answered(entry: Entry, verdict: Verdict, cause?: unknown): void {
    underWay -= 1;
    const isBehindTrouble = loss !== undefined || unanswered[0] !== entry;
    const isInTime = clock.monotonic() < entry.giveUpAt && !signal.aborted;
    if (isInTime && (verdict === 'again' || (verdict === 'out-of-order' && isBehindTrouble))) {
      entry.failed = { cause, verdict };
    } else {
      unanswered = unanswered.filter((each) => each !== entry);
      if (verdict === 'stored') entry.settled.resolve();
      else lose(entry, verdict, cause);
    }
    if (underWay === 0 && repeatable().length > 0) pause();
    else pump();
  }

  function lose({ number, settled }: Entry, verdict: Verdict, cause: unknown): void {
    const isUnwritten = verdict !== 'again' && loss?.isUnwritten !== false;
    loss = { number: Math.min(number, loss?.number ?? number), cause, isUnwritten };
    settled.reject(cause);
  }

  function pause(): void {
    isPausing = true;
    const goAhead = () => {
      isPausing = false;
      pump();
    };
    clock.sleep(retryPause, { signal }).then(goAhead, goAhead);
  }

  /** Continues after a loss: a broker accepts no number after a missing one, but numbers restart in the next epoch. */
  function goOn({ cause, isUnwritten }: NonNullable<typeof loss>): void {
    if (afterLoss === 'refuse') {
      for (const { settled } of [...unanswered, ...waiting]) settled.reject(cause);
      [unanswered, waiting] = [[], []];
      return;
    }
    // After an unwritten number, none was written; after an unknown one, only refused batches are known as unwritten.
    const isKnownUnwritten = ({ failed }: Entry) => isUnwritten || failed?.verdict === 'out-of-order';
    for (const { settled, failed } of unanswered.filter((entry) => !isKnownUnwritten(entry)))
      settled.reject(failed?.cause);
    waiting = [...unanswered.filter(isKnownUnwritten), ...waiting];
    unanswered = [];
    epoch += 1;
    nextSequence = 0;
    loss = undefined;
  }

  return {
    /** Resolves when the batch is stored; rejects when it never will be or its outcome is unknown. */
    send(batch: OutgoingBatch, io: Io): Promise<void> {
      const settled = Promise.withResolvers<void>();
      const giveUpAt = clock.monotonic() + deliveryTime;
      waiting.push({ batch, io, number: 0, sequence: 0, sentAtMs: 0, giveUpAt, settled });
      pump();
      return untilAborted(settled.promise, io.signal);
    },
  };
}

/** Sequence numbers restart at 0 after the highest (DefaultRecordBatch.incrementSequence). */
const after = (sequence: number, count: number) =>
  sequence > highestSequence - count ? count - (highestSequence - sequence) - 1 : sequence + count;

export interface SequencedSendsTools {
  clock: Clock;
  /** Aborts when the producer closes. */
  signal: AbortSignal;
  mostUnanswered: number;
  sendBatch: SendBatch;
}

/** Returns a function that resolves when the batch is stored. */
export function createSequencedSends(
  { clock, signal, mostUnanswered, sendBatch }: SequencedSendsTools,
  { producerId, epoch }: ProducerIdentity,
  afterLoss: PartitionSequencerOptions['afterLoss'],
): (batch: OutgoingBatch, io: Io) => Promise<void> {
  const sequencers = new Map<string, PartitionSequencer>();
  // Only transactions refuse batches after a loss, because they are aborted then.
  const isTransactional = afterLoss === 'refuse';

  function newSequencer(): PartitionSequencer {
    return createPartitionSequencer({
      clock,
      signal,
      mostUnanswered,
      afterLoss,
      epoch,
      judge: produceVerdict,
      deliver: (batch, { sentAtMs, ...place }, io) =>
        sendBatch(batch, io, { producerId, isTransactional, ...place }, sentAtMs),
    });
  }

  return (batch, io) => getOrMake(sequencers, `${batch.topic} ${batch.partition}`, newSequencer).send(batch, io);
}

/**
 * Errors of a produce request that Kafka's table marks as retriable.
 * https://kafka.apache.org/protocol.html#protocol_error_codes
 */
const passing: ReadonlySet<string> = new Set([
  ...movedErrors,
  'CORRUPT_MESSAGE',
  'REQUEST_TIMED_OUT',
  'NETWORK_EXCEPTION',
  'NOT_ENOUGH_REPLICAS',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'THROTTLING_QUOTA_EXCEEDED',
  'CONCURRENT_TRANSACTIONS',
]);

/** Judges a failed request: the batch is stored, must be sent again, or is refused. */
function produceVerdict(failure: unknown): Verdict {
  const refusal = kafkaErrorOf(failure)?.name;
  if (refusal === 'DUPLICATE_SEQUENCE_NUMBER') return 'stored';
  if (refusal === 'OUT_OF_ORDER_SEQUENCE_NUMBER') return 'out-of-order';
  if (refusal !== undefined) return passing.has(refusal) ? 'again' : 'refused';
  return failure instanceof AppError && failure.code === 'broker-unreachable' ? 'again' : 'refused';
}
