// Encodes GET_BROKER_CONFIG (26) and parses the settings of a broker.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';
import { readPropertiesText } from './properties-text.ts';

/*
 * Request fields   none
 * Response fields  version   DataVersion as JSON
 * Response body    Java properties, UTF-8
 */

export function encodeGetBrokerConfig(): Request {
  return { code: 26, fields: {} };
}

/** @throws AppError broker-refused */
export function parseGetBrokerConfig(response: Response): ReadonlyMap<string, string> {
  return readPropertiesText(answered(response, 'broker config (26)').body.toString('utf8'));
}
