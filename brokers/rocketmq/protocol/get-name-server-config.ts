// Which settings does a name server run with? Request code 319, GET_NAMESRV_CONFIG, to a name server.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';
import { readPropertiesText } from './properties-text.ts';

/*
 * Request fields   none
 * Response body    Java properties, UTF-8
 *
 * 318 next to it is UPDATE_NAMESRV_CONFIG: it writes.
 */

export function encodeGetNameServerConfig(): Request {
  return { code: 319, fields: {} };
}

/** @throws AppError broker-refused */
export function parseGetNameServerConfig(response: Response): ReadonlyMap<string, string> {
  return readPropertiesText(answered(response, 'name-server config (319)').body.toString('utf8'));
}
