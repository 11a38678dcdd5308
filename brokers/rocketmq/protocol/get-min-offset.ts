// Which is the first offset of a queue still stored? Request code 31, GET_MIN_OFFSET, to a broker.

import type { Request, Response } from './frame.ts';
import { parseQueueOffset, type QueueOfTopic } from './queue-offset.ts';

/*
 * Request fields   topic
 *                  queueId  int32
 * Response fields  offset   int64
 */

export function encodeGetMinOffset({ topic, queueId }: QueueOfTopic): Request {
  return { code: 31, fields: { topic, queueId: String(queueId) } };
}

/** @throws AppError */
export function parseGetMinOffset(response: Response): bigint {
  return parseQueueOffset('start of a queue (31)', response);
}
