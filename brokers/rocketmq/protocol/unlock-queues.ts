// Encodes UNLOCK_BATCH_MQ (42), which releases a member's queue locks on a master.

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
