// Sends a message as JSON over HTTP, and interprets the response as vendors document it.

import { z } from 'zod';
import { textOf } from '../../../core/http/http-request.ts';
import { parseJson } from '../../../core/text/parse-json.ts';
import type { SecretReference } from '../../../core/secret.ts';
import type { Channel } from '../../../app/config/service-hooks.ts';
import type { Wording } from '../alert-text.ts';
import { sent, type Attempt, type ChannelKind } from './channel.ts';

interface WebhookMessage {
  /** Query parameters added to the channel's address. */
  query?: Readonly<Record<string, string>>;
  body: unknown;
}

export interface Webhook<Of extends Channel> extends Omit<ChannelKind<Of>, 'send'> {
  /** @param now time of sending, since signatures are valid for an hour. @throws AppError secret-unreadable */
  write(wording: Wording, channel: Of, now: Date): WebhookMessage;
  /** Interprets a response with status 2xx: vendors return 200 for rejected messages, too. */
  judge(text: string, json: unknown): Attempt;
}

const mostAnswerBytes = 64 * 1024;
/** Limit for the response text of a refusal, which is logged. */
const longestReason = 200;

/** Wait if the vendor specifies none: its rate limit is per minute. */
export const throttledSeconds = 60;

export function webhook<Of extends Channel & { url: SecretReference | string }>({
  write,
  judge,
  ...kind
}: Webhook<Of>): ChannelKind<Of> {
  return {
    ...kind,
    async send(wording, channel, { clock, fetch, signal }) {
      const { query = {}, body } = write(wording, channel, clock.now());
      const url = addressOf(channel);
      if (url === undefined)
        return { kind: 'refused', reason: `${channel.url.toString()} has no http or https address` };
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json; charset=utf-8' },
          body: JSON.stringify(body),
          // A redirect would forward the signature to another address.
          redirect: 'error',
          signal,
        });
        const text = withoutSecrets(await textOf(response, mostAnswerBytes, () => new TooLong()), url);
        return response.ok ? judge(text, parseJson(text)) : judgeStatus(response, text, clock.now());
      } catch (error) {
        if (error instanceof TooLong) return { kind: 'refused', reason: 'the response is too long' };
        const reason = reasonOf(error);
        return {
          kind: 'failed',
          reason,
          mayBeSent: /^(no answer in time|ECONNRESET|EPIPE|UND_ERR_SOCKET)$/.test(reason),
        };
      }
    },
  };
}

/** Shorter parts of an address, such as `send`, are words of a response. */
const leastSecretLength = 8;

/** Omits the parts of the address from a response: gateways and proxies repeat it in their errors, with the token. */
function withoutSecrets(text: string, { pathname, search, searchParams }: URL): string {
  const written = search.split('&').flatMap((pair) => pair.split('=').slice(1));
  const parts = [pathname, ...pathname.split('/'), ...written, ...searchParams.values()];
  return parts
    .filter((part) => part.length >= leastSecretLength)
    .toSorted((one, other) => other.length - one.length)
    .reduce((shown, part) => shown.replaceAll(part, '…'), text);
}

class TooLong extends Error {}

function addressOf({ url: given }: { url: SecretReference | string }): URL | undefined {
  const url = URL.parse(typeof given === 'string' ? given : given.reveal());
  return url !== null && /^https?:$/.test(url.protocol) ? url : undefined;
}

/** Retries a busy or failing vendor; other refusals are permanent. */
function judgeStatus({ status, headers }: Response, text: string, now: Date): Attempt {
  const said = text.replaceAll(/\s+/g, ' ').trim().slice(0, longestReason);
  // An HTML page is useless in a log.
  const reason = `HTTP status ${status}${said === '' || said.startsWith('<') ? '' : `: ${said}`}`;
  if (status !== 408 && status !== 429 && status < 500) return { kind: 'refused', reason };
  const afterSeconds = retryAfter(headers.get('Retry-After'), now) ?? (status === 429 ? throttledSeconds : undefined);
  return { kind: 'failed', reason, ...(afterSeconds !== undefined && { afterSeconds }) };
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function retryAfter(text: string | null, now: Date): number | undefined {
  if (text === null) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : Math.max(0, (ms - now.getTime()) / 1000);
}

/** The message of fetch may contain the address; the code of its cause does not. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'no answer in time';
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  return code ?? 'unreachable';
}

const ErrcodeAnswer = z.object({ errcode: z.number(), errmsg: z.string().default('') });

/** Interprets responses of DingTalk and WeCom. */
export function judgeErrcode(json: unknown, vendor: string, retried: Readonly<Record<number, number>>): Attempt {
  const answer = ErrcodeAnswer.safeParse(json);
  if (!answer.success) return { kind: 'refused', reason: `the response is not that of ${vendor}` };
  const { errcode, errmsg } = answer.data;
  if (errcode === 0) return sent;
  const reason = `errcode ${errcode}: ${errmsg.slice(0, longestReason)}`;
  const afterSeconds = retried[errcode];
  return afterSeconds === undefined ? { kind: 'refused', reason } : { kind: 'failed', reason, afterSeconds };
}
