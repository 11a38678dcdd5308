// Encodes GET_ALL_SUBSCRIPTIONGROUP_CONFIG (201) and parses the consumer groups of a broker.

import { answered } from './answered.ts';
import { dataVersionOf } from './data-version.ts';
import type { Request, Response } from './frame.ts';
import { LooseObject, parseLooseObject } from './loose-json.ts';
import { pageOf, type Page, type PageRows } from './read-pages.ts';

/*
 * Request fields   groupSeq     int32 as decimal text, the first wanted in the order of names
 *                  maxGroupNum  int32 as decimal text
 *                  dataVersion  as the page before gave it: another one starts again from 0
 *                  all three after 5.3.3 with enableSplitMetadata; older brokers do not read them and send everything
 * Response fields  totalGroupNum  int32 as decimal text, after 5.3.3
 * Response body    {"dataVersion":{…},"subscriptionGroupTable":{group:{"groupName":string,"consumeEnable":boolean,…},…}}
 */

export function encodeGetAllSubscriptionGroup({ from, most, ...version }: Page): Request {
  return { code: 201, fields: { groupSeq: String(from), maxGroupNum: String(most), ...version } };
}

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetAllSubscriptionGroup(response: Response): PageRows<{ name: string; config: LooseObject }> {
  const body = parseLooseObject(answered(response, 'subscription groups (201)').body);
  const rows = (body.object('subscriptionGroupTable')?.entries ?? []).flatMap(([name, config]) =>
    typeof name === 'string' && config instanceof LooseObject ? [{ name, config }] : [],
  );
  return pageOf(rows, dataVersionOf(body), response.fields['totalGroupNum']);
}
