// Which offset will the next message of a queue get? Request code 30, GET_MAX_OFFSET, to a broker.

import type { Request, Response } from './frame.ts';
import { parseQueueOffset, type QueueOfTopic } from './queue-offset.ts';

/*
 * Request fields   topic
 *                  queueId  int32
 * Response fields  offset   int64
 */

export function encodeGetMaxOffset({ topic, queueId }: QueueOfTopic): Request {
  return { code: 30, fields: { topic, queueId: String(queueId) } };
}

/** @throws AppError */
export function parseGetMaxOffset(response: Response): bigint {
  return parseQueueOffset('end of a queue (30)', response);
}
