// Encodes INVOKE_BROKER_TO_RESET_OFFSET (222), which moves a running group.

import { command } from '../protocol/frame.ts';

interface ResetOffset {
  group: string;
  topic: string;
  to:
    | { queueId: number; offset: bigint }
    /** All queues of the topic on that broker. Milliseconds since the epoch; −1 is the end. */
    | { atMs: number };
}

/*
 * Request fields   group, topic
 *                  timestamp  int64, milliseconds; −1: the end
 *                  isForce    whether to move forwards too
 *                  queueId    int32, offset int64: from 5.2 on, with useServerSideResetOffset (on by default there)
 * Response code    206  no client of the group is connected (before 5.2)
 *
 * From 5.2 on, the broker resets by itself: it redirects the next pull, and ignores commits until then. Before 5.2, it
 * notifies all connected clients (220), which pause for 10 s, commit and continue; such a broker does not know the
 * fields of a queue, and would reset all queues.
 */

export function encodeResetOffset({ group, topic, to }: ResetOffset) {
  const which =
    'atMs' in to
      ? { timestamp: String(Math.floor(to.atMs)) }
      : { timestamp: '0', queueId: String(to.queueId), offset: String(to.offset) };
  return command(222, 'offset reset', { group, topic, isForce: 'true', ...which });
}
