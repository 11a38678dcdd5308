// Signs small values that a browser keeps in a cookie or a link, with a key of this installation.

import { createHmac } from 'node:crypto';
import type { z } from 'zod';
import { parseJson } from '../../../core/text/parse-json.ts';
import { isSameSecret } from '../same-secret.ts';

/** @param purpose values sealed for one purpose do not open for another */
export function createSealer(secret: string, purpose: string) {
  const key = createHmac('sha256', secret).update(purpose).digest();
  const signed = (payload: string) => `${payload}.${createHmac('sha256', key).update(payload).digest('base64url')}`;
  return {
    /**
     * Signs a value. Its holder can read but not change it.
     *
     * @returns base64url of its JSON, a dot, and base64url of its HMAC-SHA256
     */
    seal: (value: object) => signed(Buffer.from(JSON.stringify(value)).toString('base64url')),
    /** @returns undefined for a value that was not sealed here, or does not match the schema */
    open<Value>(text: string, schema: z.ZodType<Value>): Value | undefined {
      const [payload = ''] = text.split('.', 1);
      if (!isSameSecret(text, signed(payload))) return undefined;
      return schema.safeParse(parseJson(Buffer.from(payload, 'base64url').toString('utf8'))).data;
    },
  };
}
