// Delivers batches to many partitions exactly once under one producer id, in sequence per partition.

import type { Clock } from '../../../core/clock.ts';
import type { Io, OutgoingBatch } from '../../driver.ts';
import type { SendBatch } from './batch-sender.ts';
import { produceVerdict } from './produce-verdict.ts';
import type { ProducerIdentity } from './producer-identity.ts';
import {
  createPartitionSequencer,
  type PartitionSequencerOptions,
  type PartitionSequencer,
} from './partition-sequencer.ts';

export interface SequencedSendsTools {
  clock: Clock;
  /** Ends with the producer. */
  signal: AbortSignal;
  mostUnanswered: number;
  sendBatch: SendBatch;
}

/** Resolves when the batch is stored. */
export function createSequencedSends(
  { clock, signal, mostUnanswered, sendBatch }: SequencedSendsTools,
  { producerId, epoch }: ProducerIdentity,
  afterLoss: PartitionSequencerOptions['afterLoss'],
): (batch: OutgoingBatch, io: Io) => Promise<void> {
  const sequencers = new Map<string, PartitionSequencer>();
  // Only transactions are refused what follows a loss: they come to nothing then.
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

  return (batch, io) => {
    const place = `${batch.topic} ${batch.partition}`;
    const sequencer = sequencers.get(place) ?? newSequencer();
    sequencers.set(place, sequencer);
    return sequencer.send(batch, io);
  };
}
