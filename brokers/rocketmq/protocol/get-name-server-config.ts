// Encodes GET_NAMESRV_CONFIG (319) and parses the settings of a name server.

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
