// Encodes SEND_MESSAGE (10) to a master and parses the receipt of all three send requests.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';
import { wholeField } from './whole-field.ts';

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

/** Where it was stored, and whether as safely as the broker is configured. */
export interface SendReceipt {
  kind: (typeof kinds)[keyof typeof kinds];
  /** Of a batch: one per message, joined by commas. */
  messageId: string;
  queueId: number;
  /** Of a batch: of its first message. */
  queueOffset: bigint;
}

/*
 * Request fields   producerGroup, topic
 *                  defaultTopic           whose settings a missing topic is made from
 *                  defaultTopicQueueNums  int32
 *                  queueId, sysFlag, flag int32
 *                  bornTimestamp          int64, milliseconds since the epoch
 *                  properties             pairs
 *                  reconsumeTimes         int32
 *                  unitMode, batch        true or false
 * Body             the message's, absent when empty
 * Response fields  msgId, queueId int32, queueOffset int64
 * Response codes   0 stored, 10 FLUSH_DISK_TIMEOUT, 11 SLAVE_NOT_AVAILABLE, 12 FLUSH_SLAVE_TIMEOUT: stored, but less safely
 */

export function encodeSendMessage(message: SendMessage): Request {
  const { producerGroup, topic, queueId, sysFlag, bornAtMs, properties, body } = message;
  return {
    code: 10,
    fields: {
      producerGroup,
      topic,
      // A topic that is missing has no settings either: so the broker makes none.
      defaultTopic: topic,
      defaultTopicQueueNums: '1',
      queueId: String(queueId),
      sysFlag: String(sysFlag),
      bornTimestamp: String(bornAtMs),
      flag: '0',
      properties,
      reconsumeTimes: '0',
      unitMode: 'false',
      batch: 'false',
    },
    body,
  };
}

const kinds = {
  0: 'stored',
  10: 'flush-disk-timeout',
  11: 'slave-not-available',
  12: 'flush-slave-timeout',
} as const;

/** Whether an answer with this code says that the message is there, as safely as the broker is set to or less. */
export const isStored = (code: number) => code in kinds;

/** Of all three ways to send. @throws AppError broker-busy or broker-refused when it was not stored */
export function parseSendReceipt(response: Response): SendReceipt {
  if (!isStored(response.code)) answered(response, 'send');
  return {
    kind: kinds[response.code as keyof typeof kinds],
    messageId: response.fields['msgId'] ?? '',
    queueId: Number(wholeField(response, 'queueId')),
    queueOffset: wholeField(response, 'queueOffset'),
  };
}
