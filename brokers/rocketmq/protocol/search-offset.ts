// Which offset of a queue was stored at or after a moment? Request code 29, SEARCH_OFFSET_BY_TIMESTAMP, to a broker.

import type { Request, Response } from './frame.ts';
import { parseQueueOffset, type QueueOfTopic } from './queue-offset.ts';

export interface SearchOffset extends QueueOfTopic {
  timestampMs: number;
}

/*
 * Request fields   topic
 *                  queueId    int32
 *                  timestamp  int64, milliseconds since the epoch
 * Response fields  offset     int64
 */

export function encodeSearchOffset({ topic, queueId, timestampMs }: SearchOffset): Request {
  return { code: 29, fields: { topic, queueId: String(queueId), timestamp: String(timestampMs) } };
}

/** @throws AppError */
export function parseSearchOffset(response: Response): bigint {
  return parseQueueOffset('offset by time (29)', response);
}
