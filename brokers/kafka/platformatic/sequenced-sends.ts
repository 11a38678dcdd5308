// Delivers batches to many partitions exactly once under one producer id, in sequence per partition.

import type { Clock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import { getOrMake } from '../../../core/get-or-make.ts';
import type { Io, OutgoingBatch } from '../../driver.ts';
import { kafkaErrorOf } from '../errors.ts';
import type { SendBatch } from './batch-sender.ts';
import { movedErrors } from './leaders.ts';
import type { ProducerIdentity } from './producer-identity.ts';
import {
  createPartitionSequencer,
  type PartitionSequencerOptions,
  type PartitionSequencer,
  type Verdict,
} from './partition-sequencer.ts';

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
