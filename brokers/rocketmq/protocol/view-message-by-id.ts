// Encodes VIEW_MESSAGE_BY_ID (33) and parses the message at a position of the commit log.

import { answered, type Response, typedRequest } from './frame.ts';
import { readStoredMessages, type StoredMessage } from './message.ts';

interface ViewMessageById {
  /** Used only by the access control of 5.x. */
  topic: string;
  physicalOffset: bigint;
}

/*
 * Request fields   topic   5.x
 *                  offset  int64, physical
 * Response body    one message as in message.ts
 * Response codes   0 found, 1 SYSTEM_ERROR when nothing is there
 */

export const encodeViewMessageById = ({ topic, physicalOffset }: ViewMessageById) =>
  typedRequest(33, { topic, offset: String(physicalOffset) }, parseViewMessageById);

/** @returns undefined if no message begins at the offset. @throws AppError */
export function parseViewMessageById(response: Response): StoredMessage | undefined {
  if (response.code === 1 && /^can not find message/i.test(response.remark ?? '')) return undefined;
  const [message] = readStoredMessages(answered(response, 'message by offset id (33)').body);
  return message;
}
