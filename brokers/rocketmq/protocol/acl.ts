// Signs requests with RocketMQ's ACL scheme, 4.4 to 5.x.

import { createHmac } from 'node:crypto';
import type { Request } from './frame.ts';

export interface SigningKey {
  accessKey: string;
  secretKey: string;
  securityToken?: string;
}

/*
 * Signature = Base64(HMAC-SHA1(secretKey, values of all fields in the order of their names, then the body)), without
 * names and separators. It is computed last, because it covers every other field.
 */
export function sign({ code, fields, body }: Request, { accessKey, secretKey, securityToken }: SigningKey): Request {
  const shown = {
    ...fields,
    AccessKey: accessKey,
    ...(securityToken === undefined ? {} : { SecurityToken: securityToken }),
  };
  const signature = createHmac('sha1', secretKey);
  for (const [, value] of Object.entries(shown).toSorted(([a], [b]) => (a < b ? -1 : 1))) signature.update(value);
  if (body !== undefined) signature.update(body);
  return {
    code,
    fields: { ...shown, Signature: signature.digest('base64') },
    ...(body === undefined ? {} : { body }),
  };
}
