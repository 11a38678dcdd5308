// Encodes SEND_BATCH_MESSAGE (320), which stores several messages of one queue.

import { encodeBatch, type BatchItem } from './message-batch.ts';
import { letters } from './send-message-v2.ts';
import { parseSendReceipt, type SendMessage } from './send-message.ts';
import { typedRequest } from './typed-request.ts';

interface SendBatchMessage extends Omit<SendMessage, 'body'> {
  items: readonly BatchItem[];
}

/*
 * Request fields   the letters of SEND_MESSAGE_V2, m true; `i` holds the properties that count for all
 * Body             items as in message-batch.ts
 * Response         as of SEND_MESSAGE, msgId one per message joined by commas, queueOffset the first's
 */

export function encodeSendBatchMessage({ items, ...message }: SendBatchMessage) {
  return typedRequest(320, letters(message, true), parseSendReceipt, encodeBatch(items));
}
