// Encodes CONSUMER_SEND_MSG_BACK (36), which has a message redelivered to its group.

import { command } from './frame.ts';

interface ConsumerSendBack {
  consumerGroup: string;
  topic: string;
  /** Offset of the message in the commit log. */
  physicalOffset: bigint;
  /** Offset message id, kept as ORIGIN_MESSAGE_ID. */
  messageId: string;
  /** 1 to 18; 0 lets the broker choose by the count of retries; −1 makes it a dead letter at once. */
  delayLevel: number;
  /** Number of retries after which the message becomes a dead letter. */
  maxRetries: number;
}

/*
 * Request fields   group, originTopic, originMsgId
 *                  offset             int64, physical
 *                  delayLevel         int32
 *                  maxReconsumeTimes  int32
 *                  unitMode           true or false
 * Response         nothing
 */

export function encodeConsumerSendBack(back: ConsumerSendBack) {
  const { consumerGroup, topic, physicalOffset, messageId, delayLevel, maxRetries } = back;
  return command(36, 'send back', {
    group: consumerGroup,
    originTopic: topic,
    originMsgId: messageId,
    offset: String(physicalOffset),
    delayLevel: String(delayLevel),
    maxReconsumeTimes: String(maxRetries),
    unitMode: 'false',
  });
}
