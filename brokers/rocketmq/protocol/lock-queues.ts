// Encodes LOCK_BATCH_MQ (41) to a master, which keeps a queue lock for 60 s, and parses the locked queues.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';
import { LooseObject, parseLooseObject } from './loose-json.ts';
import { encodeQueueLocks, type QueueLocks } from './queue-locks.ts';

/*
 * Body           as in queue-locks.ts
 * Response body  { lockOKMQSet: [{ topic, brokerName, queueId }] }
 */

export function encodeLockQueues(locks: QueueLocks): Request {
  return { code: 41, fields: {}, body: encodeQueueLocks(locks) };
}

/** @returns ids of the queues it has now; the others belong to another member still. @throws AppError */
export function parseLockQueues(response: Response): number[] {
  const locked = parseLooseObject(answered(response, 'lock of queues (41)').body).list('lockOKMQSet') ?? [];
  return locked.flatMap((queue) => (queue instanceof LooseObject ? (queue.number('queueId') ?? []) : []));
}
