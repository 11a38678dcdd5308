// Remembers the positions of received messages, to recognize redelivered ones.

import { unknownPartition } from '../../driver.ts';
import { numberOf, type Message } from './messages.ts';

interface Place {
  partition: number;
  offset: number;
}

/** Limit of received messages that are not acknowledged; a member with more has other problems. */
const mostHeld = 100_000;

export function createInvisible() {
  const held = new Map<string, Place>();
  return {
    /**
     * Returns the position of a message. A message that was not acknowledged in time is delivered from a retry topic,
     * with an offset of that topic. It keeps the position where it was first received; if that is unknown, its
     * partition is unknown.
     *
     * @param partition partition of the queue that the message names; absent when the topic has no such queue
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
