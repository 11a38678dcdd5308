// Encodes GET_CONSUMER_LIST_BY_GROUP (38) and parses the client ids of a group.

import { answeredObject, type Response, typedRequest } from './frame.ts';

/*
 * Request fields   consumerGroup
 * Response body    { consumerIdList: [client id] }
 */

export const encodeGetConsumerListByGroup = ({ consumerGroup }: { consumerGroup: string }) =>
  typedRequest(38, { consumerGroup }, parseGetConsumerListByGroup);

/** @returns client ids; none for an offline group, which brokers report with a generic error. @throws AppError */
export function parseGetConsumerListByGroup(response: Response): string[] {
  if (response.code === 1 && /no consumer for this group/i.test(response.remark ?? '')) return [];
  return answeredObject(response, 'members of a group (38)').texts('consumerIdList');
}
