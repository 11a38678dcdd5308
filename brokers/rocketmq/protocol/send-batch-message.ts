// Encodes SEND_BATCH_MESSAGE (320), which stores several messages of one queue.

import { encodeBatch, type BatchItem } from './message-batch.ts';
import { letters } from './send-message-v2.ts';
import { parseSendReceipt, type SendMessage } from './send-message.ts';
import { typedRequest } from './frame.ts';

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
