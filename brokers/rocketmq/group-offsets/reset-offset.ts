// Encodes INVOKE_BROKER_TO_RESET_OFFSET (222), which moves a group while it runs.

import { command } from '../protocol/typed-request.ts';

interface ResetOffset {
  group: string;
  topic: string;
  to:
    | { queueId: number; offset: bigint }
    /** All queues of the topic there; −1 is the end. Milliseconds since the epoch. */
    | { atMs: number };
}

/*
 * Request fields   group, topic
 *                  timestamp  int64, milliseconds; −1: the end
 *                  isForce    forwards, too
 *                  queueId    int32, offset int64: from 5.2 on, with useServerSideResetOffset (its default there)
 * Response code    206  no client of the group is connected (before 5.2)
 *
 * Who resets is the broker itself from 5.2 on: the next pull is sent elsewhere, and commits until then are passed over. Before, it
 * notifies all connected clients (220), which pause for 10 s, commit and continue; one that does not know the fields of a queue
 * would take them for a reset of all queues.
 */

export function encodeResetOffset({ group, topic, to }: ResetOffset) {
  const which =
    'atMs' in to
      ? { timestamp: String(Math.floor(to.atMs)) }
      : { timestamp: '0', queueId: String(to.queueId), offset: String(to.offset) };
  return command(222, 'offset reset', { group, topic, isForce: 'true', ...which });
}
