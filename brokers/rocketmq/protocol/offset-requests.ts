// Requests about offsets: commits of groups, ends of queues, search by time and reset.

import { answeredObject, type Response, typedRequest, answered, wholeField, command } from './frame.ts';
import { exactOf, LooseObject, wholeNumberOf } from './loose-json.ts';
import { queueRows } from './queue-table.ts';

// Encodes GET_ALL_CONSUMER_OFFSET (43) and parses the commits of every group on a broker.

export interface TopicCommits {
  topic: string;
  group: string;
  /** Committed offset by queue id, without queues that have no commit. */
  byQueue: ReadonlyMap<number, bigint>;
}

/*
 * Request fields   none
 * Response body    {"offsetTable":{"topic@group":{0:int64,1:int64,…},…}}, keys of queues bare; dataVersion and more in 5.x
 *
 * The broker answers from memory: slaves send this request every ten seconds.
 */

export const encodeGetAllConsumerOffset = () => typedRequest(43, {}, parseGetAllConsumerOffset);

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetAllConsumerOffset(response: Response): TopicCommits[] {
  const table = answeredObject(response, 'committed offsets (43)').object('offsetTable');
  const commits: TopicCommits[] = [];
  for (const [key, queues] of table?.entries ?? []) {
    // Names of topics and groups cannot contain `@`.
    const [topic, group, more] = typeof key === 'string' ? key.split('@') : [];
    if (topic === undefined || group === undefined || more !== undefined || !(queues instanceof LooseObject)) continue;
    const byQueue = new Map<number, bigint>();
    for (const [id, committed] of queues.entries) {
      const [queueId, offset] = [wholeNumberOf(id), exactOf(committed)];
      // The queue of a static topic reports -1 if it has no commit.
      if (queueId !== undefined && offset !== undefined && offset >= 0n) byQueue.set(queueId, offset);
    }
    commits.push({ topic, group, byQueue });
  }
  return commits;
}

// Encodes QUERY_CONSUMER_OFFSET (14) and parses a group's committed offset in a queue.

/** A queue as a group reads it. */
export interface ConsumedQueue {
  consumerGroup: string;
  topic: string;
  queueId: number;
}

/*
 * Request fields   consumerGroup, topic
 *                  queueId            int32
 *                  setZeroIfNotFound  true or false, 5.x
 * Response fields  offset             int64
 * Response codes   0 found, 22 QUERY_NOT_FOUND
 *
 * Brokers that do not know setZeroIfNotFound answer a group that never committed with 0 while the queue's first
 * message is still in memory: only the table of all commits shows whether a 0 is a commit.
 */

export function encodeQueryConsumerOffset({ consumerGroup, topic, queueId }: ConsumedQueue) {
  const fields = { consumerGroup, topic, queueId: String(queueId), setZeroIfNotFound: 'false' };
  return typedRequest(14, fields, parseQueryConsumerOffset);
}

/** @returns undefined when the group never committed. @throws AppError */
export function parseQueryConsumerOffset(response: Response): bigint | undefined {
  if (response.code === 22) return undefined;
  const offset = wholeField(answered(response, 'committed offset (14)'), 'offset');
  // Static topics of 5.x keep −1 for no commit.
  return offset < 0n ? undefined : offset;
}

// Encodes UPDATE_CONSUMER_OFFSET (15), which commits an offset at a master.

export interface UpdateConsumerOffset extends ConsumedQueue {
  /** Offset of the next message to consume. */
  offset: bigint;
}

/*
 * Request fields   consumerGroup, topic
 *                  queueId       int32
 *                  commitOffset  int64
 * Response         nothing
 */

export const encodeUpdateConsumerOffset = ({ consumerGroup, topic, queueId, offset }: UpdateConsumerOffset) =>
  command(15, 'commit', { consumerGroup, topic, queueId: String(queueId), commitOffset: String(offset) });

// Encodes GET_CONSUME_STATS (208) and parses when the last consumed message of each queue was stored.

/*
 * Request fields   consumerGroup  string
 *                  topic          string
 * Response body    {"consumeTps":double,"offsetTable":{{"brokerName":string,"queueId":int,"topic":string}:
 *                      {"brokerOffset":int64,"consumerOffset":int64,"lastTimestamp":int64 ms,"pullOffset":int64 (5.1+)},…}}
 *
 * The broker looks up lastTimestamp in the commit log: for a group far behind, it reads a cold page. The broker leaves
 * out a topic outside the subscription of a connected group.
 */

export interface QueueConsumption {
  topic: string;
  queueId: number;
  /** Committed offset; also 0 for a queue without a commit, which the broker does not distinguish here. */
  committed?: bigint;
  /** Store time of the message before the committed offset; absent if there is none. */
  consumedStoredAtMs?: number;
}

export const encodeGetConsumeStats = ({ group, topic }: { group: string; topic: string }) =>
  typedRequest(208, { consumerGroup: group, topic }, parseGetConsumeStats);

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetConsumeStats(response: Response): QueueConsumption[] {
  const stats = answeredObject(response, 'consumer statistics (208)');
  return Array.from(queueRows(stats.object('offsetTable')), ({ topic, queueId, value }) => {
    const [committed, storedAt] = [value.bigint('consumerOffset'), value.number('lastTimestamp')];
    return {
      topic,
      queueId,
      ...(committed !== undefined && { committed }),
      ...(storedAt !== undefined && storedAt > 0 && { consumedStoredAtMs: storedAt }),
    };
  });
}

// Encodes GET_MAX_OFFSET (30) and GET_MIN_OFFSET (31), and parses the ends of a queue: its next and first message.

interface Queue {
  topic: string;
  queueId: number;
}

/*
 * Request fields   topic
 *                  queueId  int32
 *                  lo       bool, 5.x: as in `ofThisBroker`
 * Response fields  offset   int64; MAX: 0 for a queue that does not exist; MIN: -1 for a queue that never had a message
 *                           on some brokers
 *
 * Brokers answer from memory; the first offset moves only when the broker deletes a commit-log file.
 */

/**
 * The number is that of a queue of this broker, also for a static topic (5.x), as in commits. Without this field, it is
 * the number of a mapped queue, and a broker that does not have that one refuses the request.
 */
export const ofThisBroker = { lo: 'false' };

const fieldsOf = ({ topic, queueId }: Queue) => ({ topic, queueId: String(queueId), ...ofThisBroker });

export const encodeGetMaxOffset = (queue: Queue) => typedRequest(30, fieldsOf(queue), parseGetMaxOffset);

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetMaxOffset(response: Response): bigint {
  return wholeField(answered(response, 'end of a queue (30)'), 'offset');
}

export const encodeGetMinOffset = (queue: Queue) => typedRequest(31, fieldsOf(queue), parseGetMinOffset);

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetMinOffset(response: Response): bigint {
  const offset = wholeField(answered(response, 'start of a queue (31)'), 'offset');
  return offset < 0n ? 0n : offset;
}

// Encodes SEARCH_OFFSET_BY_TIMESTAMP (29) and parses the offset of a queue at a timestamp.

interface SearchOffset extends Queue {
  /** Milliseconds since the epoch. */
  atMs: number;
}

/*
 * Request fields   topic
 *                  queueId    int32
 *                  timestamp  int64, milliseconds
 *                  lo         as in `ofThisBroker`
 * Response fields  offset     int64
 *
 * 5.x returns the first message at or after the time, and the end if there is none. 4.x returns the message stored
 * nearest to it, before or after, and the last one if all are older (ConsumeQueue.getOffsetInQueueByTime).
 */

export const encodeSearchOffset = ({ atMs, ...queue }: SearchOffset) =>
  typedRequest(29, { ...fieldsOf(queue), timestamp: String(Math.floor(atMs)) }, parseSearchOffset);

/** @returns undefined if the queue has no message. @throws AppError broker-refused, answer-unreadable */
export function parseSearchOffset(response: Response): bigint | undefined {
  const offset = wholeField(answered(response, 'offset by time (29)'), 'offset');
  return offset < 0n ? undefined : offset;
}

// Encodes INVOKE_BROKER_TO_RESET_OFFSET (222), which moves a running group.

interface ResetOffset {
  group: string;
  topic: string;
  to:
    | { queueId: number; offset: bigint }
    /** All queues of the topic on that broker. Milliseconds since the epoch; −1 is the end. */
    | { atMs: number };
}

/*
 * Request fields   group, topic
 *                  timestamp  int64, milliseconds; −1: the end
 *                  isForce    whether to move forwards too
 *                  queueId    int32, offset int64: from 5.2 on, with useServerSideResetOffset (on by default there)
 * Response code    206  no client of the group is connected (before 5.2)
 *
 * From 5.2 on, the broker resets by itself: it redirects the next pull, and ignores commits until then. Before 5.2, it
 * notifies all connected clients (220), which pause for 10 s, commit and continue; such a broker does not know the
 * fields of a queue, and would reset all queues.
 */

export function encodeResetOffset({ group, topic, to }: ResetOffset) {
  const which =
    'atMs' in to
      ? { timestamp: String(Math.floor(to.atMs)) }
      : { timestamp: '0', queueId: String(to.queueId), offset: String(to.offset) };
  return command(222, 'offset reset', { group, topic, isForce: 'true', ...which });
}
