// Encodes QUERY_CONSUMER_OFFSET (14) and parses a group's committed offset in a queue.

import { answered, type Response, typedRequest, wholeField } from './frame.ts';

/** A queue as a group reads it. */
export interface ConsumedQueue {
  consumerGroup: string;
  topic: string;
  queueId: number;
}

/*
 * Request fields   consumerGroup, topic
 *                  queueId            int32
 *                  setZeroIfNotFound  true or false, 5.x
 * Response fields  offset             int64
 * Response codes   0 found, 22 QUERY_NOT_FOUND
 *
 * Brokers that do not know setZeroIfNotFound answer a group that never committed with 0 while the queue's first
 * message is still in memory: only the table of all commits shows whether a 0 is a commit.
 */

export function encodeQueryConsumerOffset({ consumerGroup, topic, queueId }: ConsumedQueue) {
  const fields = { consumerGroup, topic, queueId: String(queueId), setZeroIfNotFound: 'false' };
  return typedRequest(14, fields, parseQueryConsumerOffset);
}

/** @returns undefined when the group never committed. @throws AppError */
export function parseQueryConsumerOffset(response: Response): bigint | undefined {
  if (response.code === 22) return undefined;
  const offset = wholeField(answered(response, 'committed offset (14)'), 'offset');
  // Static topics of 5.x keep −1 for no commit.
  return offset < 0n ? undefined : offset;
}
