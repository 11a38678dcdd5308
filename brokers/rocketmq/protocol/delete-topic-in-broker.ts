// Encodes DELETE_TOPIC_IN_BROKER (215), which deletes a topic and its messages on a master.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';

/*
 * Request fields   topic
 * Response         nothing, also when there was no such topic
 */

export function encodeDeleteTopicInBroker({ topic }: { topic: string }): Request {
  return { code: 215, fields: { topic } };
}

/** @throws AppError */
export function parseDeleteTopicInBroker(response: Response): void {
  answered(response, 'removal of a topic (215)');
}
