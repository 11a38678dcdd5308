// How does a broker forget a topic and its messages? Request code 215, DELETE_TOPIC_IN_BROKER, to each master.

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
