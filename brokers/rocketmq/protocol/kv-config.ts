// Encodes PUT_KV_CONFIG (100), GET_KV_CONFIG (101) and DELETE_KV_CONFIG (102): keys in a name server's configuration.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';

interface Key {
  namespace: string;
  key: string;
}

/*
 * Request fields   namespace
 *                  key
 *                  value      PUT only
 * Response fields  value      GET only; by the answer to PUT the name server has written kvConfig.json
 * Response code    22, QUERY_NOT_FOUND: there is no such key (GET only)
 */

const notFound = 22;

export function encodePutKvConfig({ namespace, key, value }: Key & { value: string }): Request {
  return { code: 100, fields: { namespace, key, value } };
}

/** @throws AppError broker-refused, credentials-refused */
export function parsePutKvConfig(response: Response): void {
  answered(response, 'a key of the name server (100)');
}

export function encodeGetKvConfig({ namespace, key }: Key): Request {
  return { code: 101, fields: { namespace, key } };
}

/** @returns undefined when the key is not set. @throws AppError broker-refused, credentials-refused */
export function parseGetKvConfig(response: Response): string | undefined {
  if (response.code === notFound) return undefined;
  return answered(response, 'a key of the name server (101)').fields['value'];
}

export function encodeDeleteKvConfig({ namespace, key }: Key): Request {
  return { code: 102, fields: { namespace, key } };
}

/** @throws AppError broker-refused, credentials-refused */
export function parseDeleteKvConfig(response: Response): void {
  answered(response, 'removal of a key of the name server (102)');
}
