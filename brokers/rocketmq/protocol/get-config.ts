// Encodes GET_BROKER_CONFIG (26) and GET_NAMESRV_CONFIG (319), and parses the settings of a broker or name server.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';

/*
 * Request fields   none
 * Response fields  version   DataVersion as JSON, from a broker
 * Response body    Java properties, UTF-8
 *
 * 318 next to 319 is UPDATE_NAMESRV_CONFIG: it writes.
 */

export function encodeGetBrokerConfig(): Request {
  return { code: 26, fields: {} };
}

/** @throws AppError broker-refused */
export function parseGetBrokerConfig(response: Response): ReadonlyMap<string, string> {
  return settingsIn(answered(response, 'broker config (26)'));
}

export function encodeGetNameServerConfig(): Request {
  return { code: 319, fields: {} };
}

/** @throws AppError broker-refused */
export function parseGetNameServerConfig(response: Response): ReadonlyMap<string, string> {
  return settingsIn(answered(response, 'name-server config (319)'));
}

/** Lines without a key are left out; a value keeps what follows the first `=`. */
function settingsIn({ body }: Response): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const line of body.toString('utf8').split(/\r?\n/)) {
    const at = line.indexOf('=');
    if (at > 0 && !line.startsWith('#')) settings.set(line.slice(0, at).trim(), line.slice(at + 1).trim());
  }
  return settings;
}
