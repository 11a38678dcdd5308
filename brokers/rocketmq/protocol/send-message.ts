// Defines the message of a send request, and parses the receipt of both send requests.

import { answered, type Response, wholeField } from './frame.ts';

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
