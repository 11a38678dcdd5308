// Encodes LOCK_BATCH_MQ (41) and UNLOCK_BATCH_MQ (42) to a master, which keeps the lock of a queue for 60 s.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';
import { LooseObject, parseLooseObject } from './loose-json.ts';

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

export function encodeLockQueues(locks: QueueLocks): Request {
  return { code: 41, fields: {}, body: bodyOf(locks) };
}

/** @returns ids of the queues it has now; the others belong to another member still. @throws AppError */
export function parseLockQueues(response: Response): number[] {
  const locked = parseLooseObject(answered(response, 'lock of queues (41)').body).list('lockOKMQSet') ?? [];
  return locked.flatMap((queue) => (queue instanceof LooseObject ? (queue.number('queueId') ?? []) : []));
}

export function encodeUnlockQueues(locks: QueueLocks): Request {
  return { code: 42, fields: {}, body: bodyOf(locks) };
}

/** @throws AppError */
export function parseUnlockQueues(response: Response): void {
  answered(response, 'unlock of queues (42)');
}

function bodyOf({ consumerGroup, clientId, topic, brokerName, queueIds }: QueueLocks): Buffer {
  const mqSet = queueIds.map((queueId) => ({ topic, brokerName, queueId }));
  return Buffer.from(JSON.stringify({ consumerGroup, clientId, mqSet }));
}
