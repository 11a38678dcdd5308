// Encodes UPDATE_CONSUMER_OFFSET (15), which commits an offset at a master.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';

export interface UpdateConsumerOffset {
  consumerGroup: string;
  topic: string;
  queueId: number;
  /** Of the next message to consume. */
  offset: bigint;
}

/*
 * Request fields   consumerGroup, topic
 *                  queueId       int32
 *                  commitOffset  int64
 * Response         nothing
 */

export function encodeUpdateConsumerOffset({ consumerGroup, topic, queueId, offset }: UpdateConsumerOffset): Request {
  return { code: 15, fields: { consumerGroup, topic, queueId: String(queueId), commitOffset: String(offset) } };
}

/** @throws AppError */
export function parseUpdateConsumerOffset(response: Response): void {
  answered(response, 'commit (15)');
}
