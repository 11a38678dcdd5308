// Requests for stored messages: by key, by position and from a queue.

import { answered, type Response, typedRequest, wholeField } from './frame.ts';
import { readStoredMessages, type StoredMessage } from './message.ts';
import { AppError } from '../../../core/errors.ts';
import { type ConsumedQueue, ofThisBroker } from './offset-requests.ts';

// Encodes QUERY_MESSAGE (12) and parses the messages with a key, from a broker's index files.

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

// Encodes VIEW_MESSAGE_BY_ID (33) and parses the message at a position of the commit log.

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

// Encodes PULL_MESSAGE (11), which long-polls a queue from an offset, and parses the messages.

interface PullMessage extends ConsumedQueue {
  offset: bigint;
  maxMessages: number;
  /** Offset that a master also commits for the group; absent commits nothing. */
  commit?: bigint;
  /** How long the broker may hold the request while no message arrives; 0 answers at once. */
  waitMs: number;
  /** Reads as `ofThisBroker`. */
  isOfThisBroker?: true;
}

type Pulled =
  /** Messages for readStoredMessages, and the next offset. */
  | { kind: 'found'; messages: Buffer; next: bigint }
  /** No message for this subscription before `next`; pull again. */
  | { kind: 'nothing'; next: bigint }
  /** The offset is outside the stored range; `next` is the nearest offset in it. */
  | { kind: 'moved'; next: bigint };

/*
 * Request fields   consumerGroup, topic
 *                  queueId, maxMsgNums    int32
 *                  queueOffset            int64
 *                  sysFlag                int32, bit 0 commitOffset is valid, bit 1 wait when empty,
 *                                         bit 2 has subscription
 *                  commitOffset           int64
 *                  suspendTimeoutMillis   int64
 *                  subscription           tags, * for all
 *                  subVersion             int64
 *                  expressionType         TAG
 *                  lo                     as in `ofThisBroker`
 * Response fields  nextBeginOffset, minOffset, maxOffset int64, suggestWhichBrokerId int64
 * Response codes   0 found, 19 PULL_NOT_FOUND, 20 PULL_RETRY_IMMEDIATELY, 21 PULL_OFFSET_MOVED
 * Body             messages as in message.ts
 */

export function encodePullMessage(pull: PullMessage) {
  const { consumerGroup, topic, queueId, offset, maxMessages, commit, waitMs } = pull;
  const fields = {
    consumerGroup,
    topic,
    queueId: String(queueId),
    queueOffset: String(offset),
    maxMsgNums: String(maxMessages),
    sysFlag: String((commit === undefined ? 0 : 1) | (waitMs > 0 ? 2 : 0) | 4),
    commitOffset: String(commit ?? 0n),
    suspendTimeoutMillis: String(waitMs),
    subscription: '*',
    subVersion: '0',
    expressionType: 'TAG',
    ...(pull.isOfThisBroker && ofThisBroker),
  };
  return typedRequest(11, fields, parsePullMessage);
}

/**
 * Every broker of 4.x and 5.x creates this group for tools when it starts. A pull with another group would create that
 * group, or be refused if autoCreateSubscriptionGroup is off.
 */
export const toolsGroup = 'TOOLS_CONSUMER';

/** Reads stored messages of a queue of this broker, and commits nothing. */
export const encodeReadQueue = (of: Pick<PullMessage, 'topic' | 'queueId' | 'offset' | 'maxMessages'>) =>
  encodePullMessage({ ...of, consumerGroup: toolsGroup, waitMs: 0, isOfThisBroker: true });

const kinds = { 0: 'found', 19: 'nothing', 20: 'nothing', 21: 'moved' } as const;

/** The topic has fewer readable queues: they were reduced, or the topic was closed for reads. */
export class QueueGone extends AppError {}

/** PullMessageProcessor: code 1 in 4.x, 29 in 5.x. */
const outOfRange = /^queueId\[\d+\] is illegal/;

/** @throws AppError broker-busy, broker-refused; QueueGone */
export function parsePullMessage(response: Response): Pulled {
  if (outOfRange.test(response.remark ?? '')) throw new QueueGone('broker-refused', response.remark ?? '');
  if (!(response.code in kinds)) answered(response, 'pull (11)');
  const next = wholeField(response, 'nextBeginOffset');
  const kind = kinds[response.code as keyof typeof kinds];
  return kind === 'found' ? { kind, messages: response.body, next } : { kind, next };
}
