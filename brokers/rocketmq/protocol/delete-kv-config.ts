// Encodes DELETE_KV_CONFIG (102), which removes a key from a name server's configuration.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';

/*
 * Request fields   namespace
 *                  key
 * Response         nothing, also when there was no such key
 */

export function encodeDeleteKvConfig({ namespace, key }: { namespace: string; key: string }): Request {
  return { code: 102, fields: { namespace, key } };
}

/** @throws AppError broker-refused, credentials-refused */
export function parseDeleteKvConfig(response: Response): void {
  answered(response, 'removal of a key of the name server (102)');
}
