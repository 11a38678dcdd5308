// Remembers where received messages stood, so that one that comes again is recognized.

import { unknownPartition } from '../../driver.ts';
import { numberOf, type Message } from './messages.ts';

interface Place {
  partition: number;
  offset: number;
}

/** What is received and not acknowledged: a member that failed to acknowledge so many has other problems. */
const mostHeld = 100_000;

export function createInvisible() {
  const held = new Map<string, Place>();
  return {
    /**
     * Where the message stands. One that was not acknowledged in time is delivered from a retry topic, with an offset of that:
     * it keeps the place it was received from before, else it has one in no queue of the topic.
     *
     * @param partition of the queue that the message names, absent when the topic has no such queue
     */
    placeOf({ system }: Message, partition: number | undefined): Place {
      const { messageId, deliveryAttempt = 1, queueOffset = 0 } = system;
      const offset = numberOf(queueOffset);
      if (deliveryAttempt > 1 || partition === undefined) {
        return held.get(messageId) ?? { partition: unknownPartition, offset };
      }
      const place = { partition, offset };
      if (held.size < mostHeld) held.set(messageId, place);
      return place;
    },
    acknowledged(messageIds: Iterable<string>): void {
      for (const id of messageIds) held.delete(id);
    },
  };
}
