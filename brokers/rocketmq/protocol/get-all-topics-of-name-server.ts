// Encodes GET_ALL_TOPIC_LIST_FROM_NAMESERVER (206) and parses the topics of a name server.

import { answeredObject, type Response, typedRequest } from './frame.ts';

/*
 * Request fields  none
 * Response body   {"topicList":[string,…],…}
 */

export const encodeGetAllTopicsOfNameServer = () => typedRequest(206, {}, parseGetAllTopicsOfNameServer);

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetAllTopicsOfNameServer(response: Response): string[] {
  return answeredObject(response, 'topics of a name server (206)').texts('topicList');
}
