// Encodes SEND_MESSAGE_V2 (310) to a master: SEND_MESSAGE (10) with one-letter field names.

import { parseSendReceipt, type SendMessage } from './send-message.ts';
import { typedRequest } from './frame.ts';

/*
 * Request fields   a producerGroup, b topic, c defaultTopic (template for a missing topic),
 *                  d defaultTopicQueueNums int32, e queueId int32, f sysFlag int32, g bornTimestamp int64 (milliseconds since
 *                  the epoch), h flag int32, i properties (pairs), j reconsumeTimes int32, k unitMode, m batch (true or false)
 * Body             body of the message, absent when empty
 * Response         as in send-message.ts
 */

export const encodeSendMessageV2 = (message: SendMessage) =>
  typedRequest(310, letters(message, false), parseSendReceipt, message.body);

/** Shared with SEND_BATCH_MESSAGE. */
export function letters(message: Omit<SendMessage, 'body'>, isBatch: boolean): Record<string, string> {
  const { producerGroup, topic, queueId, sysFlag, bornAtMs, properties } = message;
  return {
    a: producerGroup,
    b: topic,
    // The topic is its template: if it is missing, the template is missing too, and the broker creates nothing.
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
