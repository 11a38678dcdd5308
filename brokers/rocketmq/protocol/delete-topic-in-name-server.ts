// Encodes DELETE_TOPIC_IN_NAMESRV (216), which deletes the route of a topic on a name server.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';

/*
 * Request fields   topic
 * Response         nothing, also when there was no such topic
 */

export function encodeDeleteTopicInNameServer({ topic }: { topic: string }): Request {
  return { code: 216, fields: { topic } };
}

/** @throws AppError */
export function parseDeleteTopicInNameServer(response: Response): void {
  answered(response, 'removal of a topic (216)');
}
