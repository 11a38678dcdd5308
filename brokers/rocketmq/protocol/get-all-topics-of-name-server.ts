// Encodes GET_ALL_TOPIC_LIST_FROM_NAMESERVER (206) and parses the topics a name server knows.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';
import { parseLooseObject } from './loose-json.ts';

/*
 * Request fields  none
 * Response body   {"topicList":[string,…],…}
 */

export function encodeGetAllTopicsOfNameServer(): Request {
  return { code: 206, fields: {} };
}

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetAllTopicsOfNameServer(response: Response): string[] {
  const topics = parseLooseObject(answered(response, 'topics of a name server (206)').body).list('topicList') ?? [];
  return topics.filter((topic) => typeof topic === 'string');
}
