// How is a queue asked for one of its offsets? The part that GET_MAX_OFFSET, GET_MIN_OFFSET and their like share.

import { AppError } from '../../../core/errors.ts';
import { answered } from './answered.ts';
import type { Response } from './frame.ts';

export interface QueueOfTopic {
  topic: string;
  queueId: number;
}

/** @param request for the words of a refusal. @returns exact, since offsets pass 2^53. @throws AppError */
export function parseQueueOffset(request: string, response: Response): bigint {
  const offset = answered(response, request).fields['offset'] ?? '';
  if (!/^-?\d{1,19}$/.test(offset)) throw new AppError('answer-unreadable', `${request} answered without an offset`);
  return BigInt(offset);
}
