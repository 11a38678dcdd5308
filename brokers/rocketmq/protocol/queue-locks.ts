// Encodes LOCK_BATCH_MQ (41) and UNLOCK_BATCH_MQ (42) to a master, which keeps the lock of a queue for 60 s.

import { answeredObject, command, type Response, typedRequest } from './frame.ts';

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
