// Which offset of a queue was stored at or after a moment? Request code 29, SEARCH_OFFSET_BY_TIMESTAMP, to a broker.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';
import { wholeField } from './whole-field.ts';

export interface SearchOffset {
  topic: string;
  queueId: number;
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
  return wholeField(answered(response, 'offset by time (29)'), 'offset');
}
