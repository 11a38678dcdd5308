// Encodes GET_MIN_OFFSET (31) and parses the first offset that a queue still stores.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';
import { wholeField } from './whole-field.ts';

/*
 * Request fields   topic
 *                  queueId  int32
 * Response fields  offset   int64; -1 for a queue that never had a message on some brokers
 *
 * Answered from memory; moves only when the broker deletes a commit-log file.
 */

export function encodeGetMinOffset({ topic, queueId }: { topic: string; queueId: number }): Request {
  return { code: 31, fields: { topic, queueId: String(queueId) } };
}

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetMinOffset(response: Response): bigint {
  const offset = wholeField(answered(response, 'start of a queue (31)'), 'offset');
  return offset < 0n ? 0n : offset;
}
