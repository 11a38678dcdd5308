// Encodes PUT_KV_CONFIG (100), GET_KV_CONFIG (101) and DELETE_KV_CONFIG (102): keys in a name server's configuration.

import { answered, command, type Response, typedRequest } from './frame.ts';

interface Key {
  namespace: string;
  key: string;
}

/*
 * Request fields   namespace
 *                  key
 *                  value      PUT only
 * Response fields  value      GET only; a name server answers PUT after it has written kvConfig.json
 * Response code    22, QUERY_NOT_FOUND: there is no such key (GET only)
 */

const notFound = 22;

export const encodePutKvConfig = ({ namespace, key, value }: Key & { value: string }) =>
  command(100, 'a key of the name server', { namespace, key, value });

export const encodeGetKvConfig = ({ namespace, key }: Key) => typedRequest(101, { namespace, key }, parseGetKvConfig);

/** @returns undefined when the key is not set. @throws AppError broker-refused, credentials-refused */
export function parseGetKvConfig(response: Response): string | undefined {
  if (response.code === notFound) return undefined;
  return answered(response, 'a key of the name server (101)').fields['value'];
}

export const encodeDeleteKvConfig = ({ namespace, key }: Key) =>
  command(102, 'removal of a key of the name server', { namespace, key });
