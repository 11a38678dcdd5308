// Encodes GET_KV_CONFIG (101) and parses a key of a name server's configuration.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';

/*
 * Request fields   namespace
 *                  key
 * Response fields  value
 * Response code    22, QUERY_NOT_FOUND: there is no such key
 */

const notFound = 22;

export function encodeGetKvConfig({ namespace, key }: { namespace: string; key: string }): Request {
  return { code: 101, fields: { namespace, key } };
}

/** @returns undefined when the key is not set. @throws AppError broker-refused, credentials-refused */
export function parseGetKvConfig(response: Response): string | undefined {
  if (response.code === notFound) return undefined;
  return answered(response, 'a key of the name server (101)').fields['value'];
}
