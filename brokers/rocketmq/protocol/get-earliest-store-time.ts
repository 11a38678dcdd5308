// When was the oldest message of a queue stored? Request code 32, GET_EARLIEST_MSG_STORETIME, to a broker.

import { AppError } from '../../../core/errors.ts';
import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';

/*
 * Request fields   topic      string
 *                  queueId    int32 as decimal text
 * Response fields  timestamp  int64 as decimal text, milliseconds since the epoch; -1 when there is none
 *
 * Reads the commit log at its coldest end: for a person's question only.
 */

export function encodeGetEarliestStoreTime({ topic, queueId }: { topic: string; queueId: number }): Request {
  return { code: 32, fields: { topic, queueId: String(queueId) } };
}

/** @returns milliseconds since the epoch; undefined for an empty queue. @throws AppError broker-refused, answer-unreadable */
export function parseGetEarliestStoreTime(response: Response): number | undefined {
  const { timestamp = '' } = answered(response, 'oldest message of a queue (32)').fields as { timestamp?: string };
  if (!/^-?\d{1,15}$/.test(timestamp)) {
    throw new AppError('answer-unreadable', 'oldest message of a queue (32) answered without a time');
  }
  return Number(timestamp) > 0 ? Number(timestamp) : undefined;
}
