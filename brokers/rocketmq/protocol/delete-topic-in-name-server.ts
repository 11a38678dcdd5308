// How does a name server forget where a topic was? Request code 216, DELETE_TOPIC_IN_NAMESRV, to each of them.

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
