// Reads (201) and rewrites (200) the full definition of a consumer group on a master.

import { answered } from '../protocol/answered.ts';
import { dataVersionOf } from '../protocol/data-version.ts';
import type { Request, Response } from '../protocol/frame.ts';
import { isList, LooseObject, parseLooseObject, type LooseJson } from '../protocol/loose-json.ts';
import type { DefinitionPage } from './read-definitions.ts';

/** `definition` is the broker's own, in standard JSON: fields of versions that are not known here are kept. */
export interface GroupDefinition {
  name: string;
  definition: string;
}

/*
 * 201  GET_ALL_SUBSCRIPTIONGROUP_CONFIG, asked as in protocol/get-all-subscription-group.ts
 *      Response body   {"subscriptionGroupTable":{group:{"groupName":string,"consumeEnable":boolean,"retryMaxTimes":int,…},…},…}
 * 200  UPDATE_AND_CREATE_SUBSCRIPTIONGROUP
 *      Request body    one such definition
 */

/** @throws AppError broker-refused, answer-unreadable */
export function parseGroupDefinitions(response: Response): DefinitionPage<GroupDefinition> {
  const body = parseLooseObject(answered(response, 'subscription groups (201)').body);
  const rows = (body.object('subscriptionGroupTable')?.entries ?? []).flatMap(([name, config]) =>
    typeof name === 'string' && config instanceof LooseObject ? [{ name, definition: standardJson(config) }] : [],
  );
  return { rows, dataVersion: dataVersionOf(body), total: Number(response.fields['totalGroupNum'] ?? Number.NaN) };
}

export function encodeGroupDefinition({ definition }: GroupDefinition): Request {
  return { code: 200, fields: {}, body: Buffer.from(definition) };
}

function standardJson(value: LooseJson): string {
  if (value instanceof LooseObject) {
    const members = value.entries.map(([key, member]) => `${JSON.stringify(keyText(key))}:${standardJson(member)}`);
    return `{${members.join(',')}}`;
  }
  if (isList(value)) return `[${value.map(standardJson).join(',')}]`;
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}

const keyText = (key: LooseJson) => (typeof key === 'string' ? key : standardJson(key));
