// Sends one batch to its leader without retry; after a failure the next batch reads the metadata again.

import type { AppError } from '../../../core/errors.ts';
import { seconds } from '../../../core/clock.ts';
import type { Acks, AnswerListener, Compression, Io, OutgoingBatch } from '../../driver.ts';
import { kafkaErrorOf, toAppError } from '../errors.ts';
import { ask } from '../wire/ask.ts';
import type { Connections } from '../wire/connections.ts';
import { untilDrained } from '../wire/until-drained.ts';
import type { ProducerStamp } from './record-batch-format.ts';
import { movedErrors, type Leaders } from './leaders.ts';
import { produce } from './produce.ts';

interface BatchSenderOptions {
  acks: Acks;
  compression?: Compression | undefined;
  transactionalId?: string | undefined;
  listener?: AnswerListener | undefined;
}

/** @throws AppError as the leader answers, or that there is no leader */
export type SendBatch = (batch: OutgoingBatch, io: Io, stamp?: ProducerStamp, timestampMs?: number) => Promise<void>;

export function createBatchSender(
  connections: Connections,
  leaders: Leaders,
  { acks, compression, transactionalId, listener }: BatchSenderOptions,
): SendBatch {
  return async ({ topic, partition, values, keys }, io, stamp, timestampMs = Date.now()) => {
    const action = `send to ${topic}-${partition}`;
    const address = (await leaders.of(topic, io))[partition];
    if (address === undefined) {
      leaders.forget(topic);
      throw toAppError({ apiId: 'LEADER_NOT_AVAILABLE', message: 'the partition has no leader' }, { action });
    }
    const how = { keys, compression, stamp, transactionalId };
    try {
      const connection = await connections.to(address, io);
      const attempt = { action, address };
      const answer = await ask(connection, attempt, io, produce, acks, topic, partition, values, timestampMs, how);
      // Without acks there is no answer, and the library does not wait until a full socket drains.
      if (acks === 'none') await untilDrained(connection.socket, io.signal);
      else listener?.onThrottleTime(seconds(answer.throttleTimeMs / 1000));
    } catch (cause) {
      io.signal.throwIfAborted();
      const fault = toAppError(cause, { action, address });
      if (hasMoved(fault)) leaders.forget(topic);
      throw fault;
    }
  };
}

const hasMoved = (fault: AppError) =>
  fault.code === 'broker-unreachable' || movedErrors.has(kafkaErrorOf(fault)?.name ?? '');
