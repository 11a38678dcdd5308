// Sends one message to a notification channel; retries are left to Alertmanager.

import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { textOf } from '../../core/http/http-text.ts';
import { parseJson } from '../../core/text/parse-json.ts';
import type { AlertMessage } from './alert-message.ts';
import type { Hooks, Channel } from '../../app/config/service-hooks.ts';
import { dialects } from './channels/registry.ts';
import { word } from './alert-text.ts';

export interface NotifyParts {
  links: Pick<Hooks, 'runbooks' | 'grafana'>;
  clock: Clock;
  fetch?: typeof globalThis.fetch;
}

/** Vendors answer within a second; Alertmanager itself waits for ten. */
const patienceMs = 5000;
const mostAnswerBytes = 64 * 1024;

/** @throws AppError notification-failed, which never contains the address: its token is in it. secret-unreadable */
export async function notifyChannel(
  channel: Channel,
  message: AlertMessage,
  { links, clock, fetch = globalThis.fetch }: NotifyParts,
  io: { signal?: AbortSignal } = {},
): Promise<void> {
  const { write, refusal } = dialects[channel.vendor];
  const secret = channel.secret?.reveal();
  const wording = word(message, channel.language, links);
  const { query = {}, body } = write(wording, { ...(secret !== undefined && { secret }), now: clock.now() });
  const url = addressOf(channel);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const signals = [AbortSignal.timeout(patienceMs), ...(io.signal === undefined ? [] : [io.signal])];
  let text: string;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json; charset=utf-8' },
      body: JSON.stringify(body),
      // An address that leads elsewhere would be handed the signature.
      redirect: 'error',
      signal: AbortSignal.any(signals),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw notSent(channel, `HTTP status ${response.status}`);
    }
    text = await textOf(response, mostAnswerBytes, () => notSent(channel, 'its answer is too long'));
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw notSent(channel, reasonOf(error));
  }
  const why = refusal(parseJson(text));
  if (why !== undefined) throw notSent(channel, why);
}

function addressOf(channel: Channel): URL {
  const url = URL.parse(channel.url.reveal());
  if (url === null || !/^https?:$/.test(url.protocol))
    throw notSent(channel, `${channel.url.toString()} holds no address`);
  return url;
}

const notSent = ({ vendor }: Channel, why: string) =>
  new AppError('notification-failed', `the ${vendor} bot refused the message: ${why}`);

/** The message of fetch may hold the address; the code of its cause does not. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${patienceMs / 1000} s`;
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  return code ?? 'it cannot be reached';
}
