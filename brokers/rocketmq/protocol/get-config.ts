// Encodes GET_BROKER_CONFIG (26) and GET_NAMESRV_CONFIG (319), and parses the settings of a broker or name server.

import { answered, type Response, typedRequest } from './frame.ts';

/*
 * Request fields   none
 * Response fields  version   DataVersion as JSON, from a broker
 * Response body    Java properties, UTF-8
 *
 * Code 318, next to 319, is UPDATE_NAMESRV_CONFIG, which writes.
 */

export const encodeGetBrokerConfig = () => typedRequest(26, {}, parseGetBrokerConfig);

/** @throws AppError broker-refused */
export function parseGetBrokerConfig(response: Response): ReadonlyMap<string, string> {
  return settingsIn(answered(response, 'broker config (26)'));
}

export const encodeGetNameServerConfig = () => typedRequest(319, {}, parseGetNameServerConfig);

/** @throws AppError broker-refused */
export function parseGetNameServerConfig(response: Response): ReadonlyMap<string, string> {
  return settingsIn(answered(response, 'name-server config (319)'));
}

/** Skips lines without a key; a value is everything after the first `=`. */
function settingsIn({ body }: Response): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const line of body.toString('utf8').split(/\r?\n/)) {
    const at = line.indexOf('=');
    if (at > 0 && !line.startsWith('#')) settings.set(line.slice(0, at).trim(), line.slice(at + 1).trim());
  }
  return settings;
}
