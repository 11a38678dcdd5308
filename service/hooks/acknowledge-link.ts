// Signs links with which the readers of a notification channel acknowledge one alert of one cluster, and reads them.

import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { parseJson } from '../../core/text/parse-json.ts';
import { isSameSecret } from '../access/same-secret.ts';

export const acknowledgePath = '/acknowledge';

export interface AcknowledgeLink {
  /** Where the message was sent to. */
  channel: string;
  cluster: string;
  /** Its name. */
  alert: string;
  issuedAt: Date;
  expiresAt: Date;
}

export type ReadLink = { kind: 'valid' | 'expired'; link: AcknowledgeLink } | { kind: 'invalid' };

/** Addresses are cut off by chats and mail programs: short ones are not. */
const longestLink = 2000;

const Payload = z.tuple([z.string(), z.string(), z.string(), z.number().int(), z.number().int()]);

const secondsOf = (date: Date) => Math.floor(date.getTime() / 1000);

/**
 * @param secret of the service; the key is made from it for this purpose only
 * @returns base64url of a JSON list (channel, cluster, alert, issued, expires; seconds since the epoch), a point, and
 *   base64url of its HMAC-SHA256
 */
export function signLink({ channel, cluster, alert, issuedAt, expiresAt }: AcknowledgeLink, secret: string): string {
  const payload = JSON.stringify([channel, cluster, alert, secondsOf(issuedAt), secondsOf(expiresAt)]);
  const text = Buffer.from(payload).toString('base64url');
  return `${text}.${signature(text, secret)}`;
}

export function readLink(text: string, secret: string, now: Date): ReadLink {
  const [payload = '', signed = '', ...rest] = text.length > longestLink ? [] : text.split('.');
  if (rest.length > 0 || !isSameSecret(signed, signature(payload, secret))) return { kind: 'invalid' };
  const read = Payload.safeParse(parseJson(Buffer.from(payload, 'base64url').toString('utf8'))).data;
  if (read === undefined) return { kind: 'invalid' };
  const [channel, cluster, alert, issued, expires] = read;
  const link = { channel, cluster, alert, issuedAt: new Date(issued * 1000), expiresAt: new Date(expires * 1000) };
  return { kind: link.expiresAt.getTime() > now.getTime() ? 'valid' : 'expired', link };
}

function signature(payload: string, secret: string): string {
  const key = createHmac('sha256', secret).update('acknowledge link').digest();
  return createHmac('sha256', key).update(payload).digest('base64url');
}
