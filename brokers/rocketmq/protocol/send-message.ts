// Requests that send messages: one, a batch, or one back to its group; parses the receipt.

import { answered, type Response, wholeField, typedRequest, command } from './frame.ts';
import { encodeBatch, type BatchItem } from './message-batch.ts';

// Defines the message of a send request, and parses the receipt of both send requests.

export interface SendMessage {
  producerGroup: string;
  topic: string;
  queueId: number;
  sysFlag: number;
  bornAtMs: number;
  /** Pairs as encodeProperties writes them. */
  properties: string;
  body: Buffer;
}

/** Position of the stored message, and whether it is as durable as the broker is configured. */
export type SendReceipt = ReturnType<typeof parseSendReceipt>;

/*
 * Response fields  msgId, queueId int32, queueOffset int64
 * Response codes   0 stored; stored, but less safely: 10 FLUSH_DISK_TIMEOUT, 11 SLAVE_NOT_AVAILABLE,
 *                  12 FLUSH_SLAVE_TIMEOUT
 */

const kinds = {
  0: 'stored',
  10: 'flush-disk-timeout',
  11: 'slave-not-available',
  12: 'flush-slave-timeout',
} as const;

/** Whether an answer with this code means that the message is stored, as durably as configured or less. */
export const isStored = (code: number) => code in kinds;

/** @throws AppError broker-busy or broker-refused when it was not stored */
export function parseSendReceipt(response: Response) {
  if (!isStored(response.code)) answered(response, 'send');
  return {
    kind: kinds[response.code as keyof typeof kinds],
    /** Id of the message; ids joined by commas for a batch. */
    messageId: response.fields['msgId'] ?? '',
    queueId: Number(wholeField(response, 'queueId')),
    /** Offset of the message, or of the first message of a batch. */
    queueOffset: wholeField(response, 'queueOffset'),
  };
}

// Encodes SEND_MESSAGE_V2 (310) to a master: SEND_MESSAGE (10) with one-letter field names.

/*
 * Request fields   a producerGroup, b topic, c defaultTopic (template for a missing topic),
 *                  d defaultTopicQueueNums int32, e queueId int32, f sysFlag int32, g bornTimestamp int64 (milliseconds since
 *                  the epoch), h flag int32, i properties (pairs), j reconsumeTimes int32, k unitMode, m batch (true or false)
 * Body             body of the message, absent when empty
 * Response         as parseSendReceipt reads it
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

// Encodes SEND_BATCH_MESSAGE (320), which stores several messages of one queue.

interface SendBatchMessage extends Omit<SendMessage, 'body'> {
  items: readonly BatchItem[];
}

/*
 * Request fields   the letters of SEND_MESSAGE_V2, m true; `i` has the properties of the whole batch
 * Body             items as in message-batch.ts
 * Response         as for SEND_MESSAGE; msgId lists one id per message, with commas; queueOffset is that of the first
 */

export function encodeSendBatchMessage({ items, ...message }: SendBatchMessage) {
  return typedRequest(320, letters(message, true), parseSendReceipt, encodeBatch(items));
}

// Encodes CONSUMER_SEND_MSG_BACK (36), which has a message redelivered to its group.

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
