// Sends one request to a RocketMQ process, with errors that name the action and the address.

import { seconds, type Seconds, untilAborted } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Io, Acks } from '../driver.ts';
import type { RemotingClient, TypedRequest, Response } from './protocol/frame.ts';
import { neededPermission } from './needed-permission.ts';
import type { RequestSeries, SeriesClient } from './protocol/request-series.ts';
import { NoAnswer } from './protocol/series-table.ts';
import { parseSendReceipt, type SendReceipt } from './protocol/send-message.ts';

/** Action, such as `send to orders-0`, and address of a request, for messages. */
export interface Attempt {
  action: string;
  address: string;
}

export interface AskIo extends Io {
  /** Timeout, after which the peer counts as unreachable; 10 s by default. */
  within?: Seconds;
}

/**
 * @throws AppError as the client and the parser of the request, with the action in its message; the signal's reason
 * once it aborts
 */
export async function ask<Answer>(
  client: RemotingClient,
  { action, address }: Attempt,
  request: TypedRequest<Answer>,
  { signal, within = seconds(10) }: AskIo,
): Promise<Answer> {
  signal.throwIfAborted();
  const limit = limitOf(within);
  try {
    // The caller's signal ends only the wait: a pending answer does not make the connection suspect.
    return request.parse(await untilAborted(client.ask(address, request, { signal: limit }), signal));
  } catch (cause) {
    if (signal.aborted) throw cause;
    if (limit.aborted && cause === limit.reason) {
      throw new AppError('broker-unreachable', `cannot ${action} on ${address}: no answer within ${within} s`, {
        cause,
      });
    }
    throw toAskError(cause, { action, address }, request.code);
  }
}

/** Adds action, address and missing permission; errors about an unreachable peer already name the address. */
function toAskError(cause: unknown, { action, address }: Attempt, code: number): unknown {
  if (!(cause instanceof AppError)) return cause;
  const needed = cause.code === 'credentials-refused' ? neededPermission(code, cause.message) : undefined;
  const hint = needed === undefined ? cause.hint : permissionsHint;
  const message = needed === undefined ? cause.message : `${cause.message} (${needed})`;
  if (cause.message.includes(address))
    return needed === undefined ? cause : new AppError(cause.code, message, { cause, hint });
  return new AppError(cause.code, `cannot ${action} on ${address}: ${message}`, { cause, hint });
}

const permissionsHint = 'docs/reference/permissions.md lists what each feature needs, and how to grant it';
/** SEND_MESSAGE_V2, because every series consists of sends. */
const sendCode = 310;

/** As `ask`, for a series. @throws after all requests are answered, or the signal aborts */
export async function askSeries(
  client: SeriesClient,
  attempt: Attempt,
  series: RequestSeries,
  { signal }: Io,
): Promise<void> {
  try {
    await client.askSeries(attempt.address, series, { signal });
  } catch (cause) {
    if (signal.aborted && cause === signal.reason) throw cause;
    if (!(cause instanceof NoAnswer)) throw toAskError(cause, attempt, sendCode);
    const { action, address } = attempt;
    throw new AppError('broker-unreachable', `cannot ${action} on ${address}: ${cause.message}`, { cause });
  }
}

/** Requests started within half a second share a timer, because thousands are pending at once. */
const grainMs = 500;
const limits = new Map<number, { signal: AbortSignal; since: number }>();

function limitOf(within: Seconds): AbortSignal {
  const now = performance.now();
  const known = limits.get(within);
  if (known !== undefined && now - known.since < grainMs) return known.signal;
  const signal = AbortSignal.timeout(within * 1000 + grainMs);
  limits.set(within, { signal, since: now });
  return signal;
}

/** @throws AppError broker-refused if the message was stored less durably than the broker is configured */
export function checkStored({ kind }: Pick<SendReceipt, 'kind'>, { action, address }: Attempt, acks: Acks): void {
  if (kind === 'stored' || acks !== 'all') return;
  throw new AppError(
    'broker-refused',
    `cannot ${action} on ${address} with acks all: stored there, but ${reasons[kind]}`,
  );
}

/** @returns the error for an answer that is not good */
export function whyNotStored(response: Response, attempt: Attempt, acks: Acks): unknown {
  try {
    checkStored(parseSendReceipt(response), attempt, acks);
  } catch (cause) {
    return cause;
  }
  return new AppError('answer-unreadable', `code ${response.code} does not show whether the message was stored`);
}

/** Hint for a topic that a broker accepts no messages for. */
export const closedTopicHint = (topic: string): string =>
  `\`plimsoll get routes ${topic}\` shows why no queue is writable; for a read-only topic: \`plimsoll ops rocketmq alter-topic --topic ${topic} --permission read-write\``;

const reasons = {
  'flush-disk-timeout': 'it was not flushed to disk in time (FLUSH_DISK_TIMEOUT)',
  'slave-not-available': 'no slave is available (SLAVE_NOT_AVAILABLE)',
  'flush-slave-timeout': 'it was not replicated to the slave in time (FLUSH_SLAVE_TIMEOUT)',
} as const;
