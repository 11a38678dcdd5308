// Delivers batches to many partitions exactly once under one producer id, in sequence per partition.

import type { Clock } from '../../../core/clock.ts';
import type { Io, OutgoingBatch } from '../../driver.ts';
import type { SendBatch } from './batch-sender.ts';
import { produceVerdict } from './produce-verdict.ts';
import type { ProducerIdentity } from './producer-identity.ts';
import { createSequencedLane, type LaneOptions, type SequencedLane } from './sequenced-lane.ts';

export interface LaneTools {
  clock: Clock;
  /** Ends with the producer. */
  signal: AbortSignal;
  mostUnanswered: number;
  sendBatch: SendBatch;
}

/** Resolves when the batch is stored. */
export function createSequencedSends(
  { clock, signal, mostUnanswered, sendBatch }: LaneTools,
  { producerId, epoch }: ProducerIdentity,
  afterLoss: LaneOptions['afterLoss'],
): (batch: OutgoingBatch, io: Io) => Promise<void> {
  const lanes = new Map<string, SequencedLane>();
  // Only transactions are refused what follows a loss: they come to nothing then.
  const isTransactional = afterLoss === 'refuse';

  function newLane(): SequencedLane {
    return createSequencedLane({
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
    const lane = lanes.get(place) ?? newLane();
    lanes.set(place, lane);
    return lane.send(batch, io);
  };
}
