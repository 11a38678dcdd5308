// Encodes GET_MAX_OFFSET (30) and parses the offset of a queue's next message.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';
import { wholeField } from './whole-field.ts';

/*
 * Request fields   topic
 *                  queueId  int32
 * Response fields  offset   int64; 0 for a queue that does not exist
 *
 * Answered from memory.
 */

export function encodeGetMaxOffset({ topic, queueId }: { topic: string; queueId: number }): Request {
  return { code: 30, fields: { topic, queueId: String(queueId) } };
}

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetMaxOffset(response: Response): bigint {
  return wholeField(answered(response, 'end of a queue (30)'), 'offset');
}
