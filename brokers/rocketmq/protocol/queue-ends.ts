// Encodes GET_MAX_OFFSET (30) and GET_MIN_OFFSET (31), and parses the ends of a queue: its next and first message.

import { answered, type Response, typedRequest, wholeField } from './frame.ts';

interface Queue {
  topic: string;
  queueId: number;
  /** Reads the queue of this broker, also for a static topic, as commits do. Default: the queue that is mapped to it. */
  isPhysical?: true;
}

/*
 * Request fields   topic
 *                  queueId  int32
 *                  lo       bool, 5.x: `false` for the queue of this broker
 * Response fields  offset   int64; MAX: 0 for a queue that does not exist; MIN: -1 for a queue that never had a message
 *                           on some brokers
 *
 * Brokers answer from memory; the first offset moves only when the broker deletes a commit-log file.
 */

const fieldsOf = ({ topic, queueId, isPhysical }: Queue) => ({
  topic,
  queueId: String(queueId),
  ...(isPhysical && { lo: 'false' }),
});

export const encodeGetMaxOffset = (queue: Queue) => typedRequest(30, fieldsOf(queue), parseGetMaxOffset);

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetMaxOffset(response: Response): bigint {
  return wholeField(answered(response, 'end of a queue (30)'), 'offset');
}

export const encodeGetMinOffset = (queue: Queue) => typedRequest(31, fieldsOf(queue), parseGetMinOffset);

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetMinOffset(response: Response): bigint {
  const offset = wholeField(answered(response, 'start of a queue (31)'), 'offset');
  return offset < 0n ? 0n : offset;
}
