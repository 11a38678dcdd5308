// Requests of a group member: heartbeat, departure and locks of queues.

import { command, answeredObject, type Response, typedRequest } from './frame.ts';

// Encodes HEART_BEAT (34), which registers a client and its groups with a broker.

/** Brokers drop a client after 120 s without a heartbeat. */
interface Heartbeat {
  /** Id of one connection and group member. Members sort these ids to assign queues. */
  clientId: string;
  consumer?: {
    group: string;
    /** `push` (default): long-polls the broker. */
    mode?: 'push' | 'pull';
    messageModel: 'CLUSTERING' | 'BROADCASTING';
    /** Where a new group starts to read; the end by default. */
    from?: 'start' | 'end';
    topics: readonly string[];
    /** Time when the subscription was made, milliseconds since the epoch: it must grow with each change. */
    subscribedAtMs: number;
  };
  /** Group that receives transaction checks from the broker. */
  producerGroup?: string;
}

/*
 * Body  { clientID, producerDataSet: [{ groupName }], consumerDataSet: [{ groupName, consumeType, messageModel,
 *         consumeFromWhere, subscriptionDataSet: [{ topic, subString, tagsSet, codeSet, subVersion, expressionType }],
 *         unitMode }] }
 * Response  nothing
 */

export function encodeHeartbeat({ clientId, consumer, producerGroup }: Heartbeat) {
  const body = {
    clientID: clientId,
    producerDataSet: producerGroup === undefined ? [] : [{ groupName: producerGroup }],
    consumerDataSet: consumer === undefined ? [] : [memberOf(consumer)],
  };
  return command(34, 'heartbeat', {}, Buffer.from(JSON.stringify(body)));
}

function memberOf(consumer: NonNullable<Heartbeat['consumer']>): object {
  const { group, mode = 'push', messageModel, from = 'end', topics, subscribedAtMs } = consumer;
  const subscriptionDataSet = topics.map((topic) => ({
    classFilterMode: false,
    topic,
    subString: '*',
    tagsSet: [],
    codeSet: [],
    subVersion: subscribedAtMs,
    expressionType: 'TAG',
  }));
  return {
    groupName: group,
    consumeType: mode === 'push' ? 'CONSUME_PASSIVELY' : 'CONSUME_ACTIVELY',
    messageModel,
    consumeFromWhere: from === 'end' ? 'CONSUME_FROM_LAST_OFFSET' : 'CONSUME_FROM_FIRST_OFFSET',
    subscriptionDataSet,
    unitMode: false,
  };
}

// Encodes UNREGISTER_CLIENT (35), by which a client leaves its groups on a broker.

interface UnregisterClient {
  clientId: string;
  consumerGroup?: string;
  producerGroup?: string;
}

/*
 * Request fields   clientID, consumerGroup, producerGroup; each group is optional
 * Response         nothing
 */

export const encodeUnregisterClient = ({ clientId, ...groups }: UnregisterClient) =>
  command(35, 'unregistration of a client', { clientID: clientId, ...groups });

// Encodes LOCK_BATCH_MQ (41) and UNLOCK_BATCH_MQ (42) to a master, which keeps the lock of a queue for 60 s.

interface QueueLocks {
  consumerGroup: string;
  clientId: string;
  topic: string;
  brokerName: string;
  queueIds: readonly number[];
}

/*
 * Body           { consumerGroup, clientId, mqSet: [{ topic, brokerName, queueId }] }
 * Response body  { lockOKMQSet: [{ topic, brokerName, queueId }] }; UNLOCK: nothing
 */

export const encodeLockQueues = (locks: QueueLocks) => typedRequest(41, {}, parseLockQueues, bodyOf(locks));

/** @returns ids of the queues that the client has locked; other members still hold the others. @throws AppError */
export function parseLockQueues(response: Response): number[] {
  const locked = answeredObject(response, 'lock of queues (41)').rows('lockOKMQSet');
  return locked.flatMap((queue) => queue.number('queueId') ?? []);
}

export const encodeUnlockQueues = (locks: QueueLocks) => command(42, 'unlock of queues', {}, bodyOf(locks));

function bodyOf({ consumerGroup, clientId, topic, brokerName, queueIds }: QueueLocks): Buffer {
  const mqSet = queueIds.map((queueId) => ({ topic, brokerName, queueId }));
  return Buffer.from(JSON.stringify({ consumerGroup, clientId, mqSet }));
}
