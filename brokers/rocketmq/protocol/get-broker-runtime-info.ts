// What does a broker say of itself at this moment? Request code 28, GET_BROKER_RUNTIME_INFO, to a broker, slaves too.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';
import { parseLooseObject } from './loose-json.ts';

/*
 * Request fields   none
 * Response body    {"table":{key:text,…}}, about 60 keys; which ones differs by version (../runtime-info.ts)
 */

export function encodeGetBrokerRuntimeInfo(): Request {
  return { code: 28, fields: {} };
}

/** @returns every key with its text as sent. @throws AppError broker-refused, answer-unreadable */
export function parseGetBrokerRuntimeInfo(response: Response): ReadonlyMap<string, string> {
  const { body } = answered(response, 'runtime information (28)');
  const table = new Map<string, string>();
  for (const [key, value] of parseLooseObject(body).object('table')?.entries ?? []) {
    if (typeof key === 'string' && typeof value === 'string') table.set(key, value);
  }
  return table;
}
