// Encodes GET_ALL_SUBSCRIPTIONGROUP_CONFIG (201) and parses the consumer groups of a broker.

import { answered } from './answered.ts';
import { dataVersionOf } from './data-version.ts';
import type { Request, Response } from './frame.ts';
import { LooseObject, parseLooseObject } from './loose-json.ts';

interface SubscriptionGroupPage {
  groups: { name: string }[];
  dataVersion?: string;
  /** How many there are in all, where the broker gives them out in pages; absent when this is all. */
  total?: number;
}

/*
 * Request fields   groupSeq     int32 as decimal text, the first wanted in the order of names
 *                  maxGroupNum  int32 as decimal text
 *                  dataVersion  as the page before gave it: another one starts again from 0
 *                  all three after 5.3.3 with enableSplitMetadata; older brokers do not read them and send everything
 * Response fields  totalGroupNum  int32 as decimal text, after 5.3.3
 * Response body    {"dataVersion":{…},"subscriptionGroupTable":{group:{"groupName":string,…},…}}
 */

export function encodeGetAllSubscriptionGroup(page: { from: number; most: number; dataVersion?: string }): Request {
  const { from, most, dataVersion } = page;
  const fields = { groupSeq: String(from), maxGroupNum: String(most) };
  return { code: 201, fields: { ...fields, ...(dataVersion !== undefined && { dataVersion }) } };
}

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetAllSubscriptionGroup(response: Response): SubscriptionGroupPage {
  const body = parseLooseObject(answered(response, 'subscription groups (201)').body);
  const dataVersion = dataVersionOf(body);
  const total = Number(response.fields['totalGroupNum'] ?? Number.NaN);
  const groups: { name: string }[] = [];
  for (const [name, config] of body.object('subscriptionGroupTable')?.entries ?? []) {
    if (typeof name === 'string' && config instanceof LooseObject) groups.push({ name });
  }
  return {
    groups,
    ...(dataVersion !== undefined && { dataVersion }),
    ...(Number.isInteger(total) && { total }),
  };
}
