// Encodes SEND_MESSAGE_V2 (310): SEND_MESSAGE with one-letter field names.

import type { Request } from './frame.ts';
import type { SendMessage } from './send-message.ts';

/*
 * Request fields   a producerGroup, b topic, c defaultTopic, d defaultTopicQueueNums, e queueId, f sysFlag,
 *                  g bornTimestamp, h flag, i properties, j reconsumeTimes, k unitMode, m batch
 * Body             the message's, absent when empty
 * Response         as of SEND_MESSAGE
 */

export function encodeSendMessageV2(message: SendMessage): Request {
  return { code: 310, fields: letters(message, false), body: message.body };
}

/** Shared with SEND_BATCH_MESSAGE. */
export function letters(message: Omit<SendMessage, 'body'>, isBatch: boolean): Record<string, string> {
  const { producerGroup, topic, queueId, sysFlag, bornAtMs, properties } = message;
  return {
    a: producerGroup,
    b: topic,
    // A topic that is missing has no settings either: so the broker makes none.
    c: topic,
    d: '1',
    e: String(queueId),
    f: String(sysFlag),
    g: String(bornAtMs),
    h: '0',
    i: properties,
    j: '0',
    k: 'false',
    m: String(isBatch),
  };
}
