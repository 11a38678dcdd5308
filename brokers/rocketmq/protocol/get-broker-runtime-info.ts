// Encodes GET_BROKER_RUNTIME_INFO (28) and parses the keys of a master's or slave's answer.

import { AppError } from '../../../core/errors.ts';
import { answered, type Response, typedRequest } from './frame.ts';
import { parseLooseObject } from './loose-json.ts';

/*
 * Request fields   none
 * Response body    {"table":{key:text,…}}, about 60 keys; which ones differs by version (../runtime-info.ts)
 */

export const encodeGetBrokerRuntimeInfo = () => typedRequest(28, {}, parseGetBrokerRuntimeInfo);

/** Remark of 4.9.7 and 5.3.3 before the first sample of StoreStatsService, when the broker reads an empty list. */
const noSampleYet = /NoSuchElementException/;

/** @returns every key with its text as sent. @throws AppError broker-refused, answer-unreadable; broker-busy when it has just started */
export function parseGetBrokerRuntimeInfo(response: Response): ReadonlyMap<string, string> {
  if (response.code === 1 && noSampleYet.test(response.remark ?? '')) {
    throw new AppError('broker-busy', 'runtime information (28): the broker has just started and has no values yet', {
      hint: 'try again in a few seconds',
    });
  }
  const { body } = answered(response, 'runtime information (28)');
  const table = new Map<string, string>();
  for (const [key, value] of parseLooseObject(body).object('table')?.entries ?? []) {
    if (typeof key === 'string' && typeof value === 'string') table.set(key, value);
  }
  return table;
}
