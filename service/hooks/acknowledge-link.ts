// Signs and verifies links with which readers of a notification channel acknowledge one alert of one cluster.

import { z } from 'zod';
import { createSealer } from '../access/oidc/sealed.ts';

export const acknowledgePath = '/acknowledge';

export interface AcknowledgeLink {
  /** Channel that the message was sent to. */
  channel: string;
  cluster: string;
  /** Name of the alert. */
  alert: string;
  issuedAt: Date;
  expiresAt: Date;
}

export type ReadLink = { kind: 'valid' | 'expired'; link: AcknowledgeLink } | { kind: 'invalid' };

/** Chats and mail programs cut off long addresses. */
const longestLink = 2000;

const Payload = z.tuple([z.string(), z.string(), z.string(), z.number().int(), z.number().int()]);

const secondsOf = (date: Date) => Math.floor(date.getTime() / 1000);
/** @param secret of the service; the key for this purpose is derived from it */
const sealerOf = (secret: string) => createSealer(secret, 'acknowledge link');

/** @returns a sealed list: channel, cluster, alert, issued, expires (seconds since the epoch) */
export function signLink({ channel, cluster, alert, issuedAt, expiresAt }: AcknowledgeLink, secret: string): string {
  return sealerOf(secret).seal([channel, cluster, alert, secondsOf(issuedAt), secondsOf(expiresAt)]);
}

export function readLink(text: string, secret: string, now: Date): ReadLink {
  const read = text.length > longestLink ? undefined : sealerOf(secret).open(text, Payload);
  if (read === undefined) return { kind: 'invalid' };
  const [channel, cluster, alert, issued, expires] = read;
  const link = { channel, cluster, alert, issuedAt: new Date(issued * 1000), expiresAt: new Date(expires * 1000) };
  return { kind: link.expiresAt.getTime() > now.getTime() ? 'valid' : 'expired', link };
}
