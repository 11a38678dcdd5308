// Which groups consume a topic? Request code 300, QUERY_TOPIC_CONSUME_BY_WHO, to a broker.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';
import { parseLooseObject } from './loose-json.ts';

/*
 * Request fields   topic      string
 * Response body    {"groupList":[string,…]}: groups connected or with a committed offset. 5.3.3 was seen to list the topic's
 *                  own name among them.
 */

export function encodeQueryTopicConsumeByWho(topic: string): Request {
  return { code: 300, fields: { topic } };
}

/** @throws AppError broker-refused, answer-unreadable */
export function parseQueryTopicConsumeByWho(response: Response): string[] {
  const body = parseLooseObject(answered(response, 'groups of a topic (300)').body);
  return (body.list('groupList') ?? []).filter((group) => typeof group === 'string');
}
