// Encodes GET_ALL_SUBSCRIPTIONGROUP_CONFIG (201) and parses the consumer groups of a broker.

import { answeredObject, type Response, typedRequest } from './frame.ts';
import { dataVersionOf } from './data-version.ts';
import type { LooseObject } from './loose-json.ts';
import { pageOf, type Page, type PageRows } from './read-pages.ts';

/*
 * Request fields   groupSeq     int32 as decimal text, index of the first group in the order of names
 *                  maxGroupNum  int32 as decimal text
 *                  dataVersion  as in the previous page: with another version the broker starts again from 0
 *                  all three after 5.3.3 with enableSplitMetadata; older brokers ignore them and send everything
 * Response fields  totalGroupNum  int32 as decimal text, after 5.3.3
 * Response body    {"dataVersion":{…},"subscriptionGroupTable":{group:{"groupName":string,"consumeEnable":boolean,…},…}}
 */

export const encodeGetAllSubscriptionGroup = ({ from, most, ...version }: Page) =>
  typedRequest(201, { groupSeq: String(from), maxGroupNum: String(most), ...version }, parseGetAllSubscriptionGroup);

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetAllSubscriptionGroup(response: Response): PageRows<{ name: string; config: LooseObject }> {
  const body = answeredObject(response, 'subscription groups (201)');
  const rows = body.members('subscriptionGroupTable').map(([name, config]) => ({ name, config }));
  return pageOf(rows, dataVersionOf(body), response.fields['totalGroupNum']);
}
