// Encodes UPDATE_CONSUMER_OFFSET (15), which commits an offset at a master.

import { command } from './frame.ts';
import type { ConsumedQueue } from './query-consumer-offset.ts';

export interface UpdateConsumerOffset extends ConsumedQueue {
  /** Offset of the next message to consume. */
  offset: bigint;
}

/*
 * Request fields   consumerGroup, topic
 *                  queueId       int32
 *                  commitOffset  int64
 * Response         nothing
 */

export const encodeUpdateConsumerOffset = ({ consumerGroup, topic, queueId, offset }: UpdateConsumerOffset) =>
  command(15, 'commit', { consumerGroup, topic, queueId: String(queueId), commitOffset: String(offset) });
