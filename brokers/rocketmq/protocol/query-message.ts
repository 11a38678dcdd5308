// Encodes QUERY_MESSAGE (12) and parses the messages with a key, from a broker's index files.

import { answered, type Response, typedRequest } from './frame.ts';
import { readStoredMessages, type StoredMessage } from './message.ts';

interface QueryMessage {
  topic: string;
  key: string;
  /** Whether `key` is the unique key set by the client library, rather than a key chosen by the sender. */
  isUnique: boolean;
  mostMessages: number;
}

/*
 * Request fields   topic, key
 *                  maxNum                       int32
 *                  beginTimestamp, endTimestamp int64, milliseconds since the epoch, by store time
 *                  _UNIQUE_KEY_QUERY            true or false
 * Response codes   0 found, 22 QUERY_NOT_FOUND
 * Response body    messages as in message.ts; the index stores hashes, so messages with other keys may be among them
 */

const longest = '9223372036854775807';

export function encodeQueryMessage({ topic, key, isUnique, mostMessages }: QueryMessage) {
  const fields = {
    topic,
    key,
    maxNum: String(mostMessages),
    beginTimestamp: '0',
    endTimestamp: longest,
    _UNIQUE_KEY_QUERY: String(isUnique),
  };
  return typedRequest(12, fields, parseQueryMessage);
}

/** @throws AppError broker-refused, answer-unreadable */
export function parseQueryMessage(response: Response): StoredMessage[] {
  if (response.code === 22) return [];
  return [...readStoredMessages(answered(response, 'messages by key (12)').body)];
}
