// Encodes DELETE_TOPIC_IN_BROKER (215), for a topic and its messages on a master, and DELETE_TOPIC_IN_NAMESRV (216), for its route.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';

/*
 * Request fields   topic
 * Response         nothing, also when there was no such topic
 */

export function encodeDeleteTopic({ topic }: { topic: string }): Request {
  return { code: 215, fields: { topic } };
}

/** @throws AppError */
export function parseDeleteTopic(response: Response): void {
  answered(response, 'removal of a topic (215)');
}

export function encodeDeleteRoute({ topic }: { topic: string }): Request {
  return { code: 216, fields: { topic } };
}

/** @throws AppError */
export function parseDeleteRoute(response: Response): void {
  answered(response, 'removal of a topic (216)');
}
