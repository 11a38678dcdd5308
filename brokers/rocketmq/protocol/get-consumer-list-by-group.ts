// Encodes GET_CONSUMER_LIST_BY_GROUP (38) and parses the client ids of a group.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';
import { parseLooseObject } from './loose-json.ts';

/*
 * Request fields   consumerGroup
 * Response body    { consumerIdList: [client id] }
 */

export function encodeGetConsumerListByGroup({ consumerGroup }: { consumerGroup: string }): Request {
  return { code: 38, fields: { consumerGroup } };
}

/** @returns client ids; none for a offline group, which brokers report with a generic error. @throws AppError */
export function parseGetConsumerListByGroup(response: Response): string[] {
  if (response.code === 1 && /no consumer for this group/i.test(response.remark ?? '')) return [];
  const ids = parseLooseObject(answered(response, 'members of a group (38)').body).list('consumerIdList') ?? [];
  return ids.filter((id) => typeof id === 'string');
}
