// How does a member let others have its queues? Request code 42, UNLOCK_BATCH_MQ, to a master.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';

import { encodeQueueLocks, type QueueLocks } from './queue-locks.ts';

/*
 * Body      as in queue-locks.ts
 * Response  nothing
 */

export function encodeUnlockQueues(locks: QueueLocks): Request {
  return { code: 42, fields: {}, body: encodeQueueLocks(locks) };
}

/** @throws AppError */
export function parseUnlockQueues(response: Response): void {
  answered(response, 'unlock of queues (42)');
}
