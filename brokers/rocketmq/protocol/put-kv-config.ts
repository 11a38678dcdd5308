// Encodes PUT_KV_CONFIG (100), which sets a key in a name server's configuration.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';

/*
 * Request fields   namespace
 *                  key
 *                  value
 * Response         nothing; the name server has written kvConfig.json by then
 */

export function encodePutKvConfig({
  namespace,
  key,
  value,
}: {
  namespace: string;
  key: string;
  value: string;
}): Request {
  return { code: 100, fields: { namespace, key, value } };
}

/** @throws AppError broker-refused, credentials-refused */
export function parsePutKvConfig(response: Response): void {
  answered(response, 'a key of the name server (100)');
}
