// Encodes SEARCH_OFFSET_BY_TIMESTAMP (29) and parses the offset of a queue at a timestamp.

import { answered, type Response, typedRequest, wholeField } from '../protocol/frame.ts';

interface SearchOffset {
  topic: string;
  queueId: number;
  /** Milliseconds since the epoch. */
  atMs: number;
}

/*
 * Request fields   topic
 *                  queueId    int32
 *                  timestamp  int64, milliseconds
 * Response fields  offset     int64
 *
 * 5.x returns the first message at or after the time, and the end if there is none. 4.x returns the message stored
 * nearest to it, before or after, and the last one if all are older (ConsumeQueue.getOffsetInQueueByTime).
 */

export function encodeSearchOffset({ topic, queueId, atMs }: SearchOffset) {
  const fields = { topic, queueId: String(queueId), timestamp: String(Math.floor(atMs)) };
  return typedRequest(29, fields, parseSearchOffset);
}

/** @returns undefined if the queue has no message. @throws AppError broker-refused, answer-unreadable */
export function parseSearchOffset(response: Response): bigint | undefined {
  const offset = wholeField(answered(response, 'offset by time (29)'), 'offset');
  return offset < 0n ? undefined : offset;
}
