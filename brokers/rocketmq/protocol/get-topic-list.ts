// Which topics are there? Request code 206, GET_ALL_TOPIC_LIST_FROM_NAMESERVER, to a name server.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';
import { parseLooseObject } from './loose-json.ts';

/*
 * Response body    {"topicList":[string],"brokerAddr":string?}, with retry, dead-letter and system topics
 */

export function encodeGetTopicList(): Request {
  return { code: 206, fields: {} };
}

/** @throws AppError broker-refused (also where enableAllTopicList is false), answer-unreadable */
export function parseGetTopicList(response: Response): readonly string[] {
  const topics = parseLooseObject(answered(response, 'the list of topics').body).list('topicList') ?? [];
  return topics.filter((topic) => typeof topic === 'string').toSorted();
}
