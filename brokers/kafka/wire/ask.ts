// What does a broker answer to one request? An answer, or a fault in words, within the life of the signal.

import { findErrorBy, ResponseError, type API, type Connection } from '@platformatic/kafka';
import type { Io } from '../../driver.ts';
import { toAppError, type Attempt } from '../errors.ts';

/** @throws AppError as the broker answers, or the signal's reason once it aborts. */
export async function ask<Arguments extends unknown[], Response>(
  connection: Connection,
  attempt: Attempt,
  { signal }: Io,
  api: API<Arguments, Response>,
  ...request: Arguments
): Promise<Response> {
  try {
    return await untilAborted(api.async(connection, ...request), signal);
  } catch (cause) {
    signal.throwIfAborted();
    throw toAppError(cause, attempt);
  }
}

/**
 * For requests over many parts, where a refused part does not spoil the others: each part in the answer carries its own
 * error code.
 */
export async function askForParts<Arguments extends unknown[], Response>(
  connection: Connection,
  attempt: Attempt,
  { signal }: Io,
  api: API<Arguments, Response>,
  ...request: Arguments
): Promise<Response> {
  try {
    return await untilAborted(api.async(connection, ...request), signal);
  } catch (cause) {
    signal.throwIfAborted();
    const refused = findErrorBy(cause as Error, 'code', ResponseError.code) as { response?: Response } | null;
    if (refused?.response !== undefined) return refused.response;
    throw toAppError(cause, attempt);
  }
}

/** The answer may still come after the abort; nobody waits for it then. */
export function untilAborted<Value>(answer: Promise<Value>, signal: AbortSignal): Promise<Value> {
  if (signal.aborted) {
    answer.catch(() => {});
    return Promise.reject(signal.reason as Error);
  }
  return new Promise((resolve, reject) => {
    const abandon = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abandon, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', abandon));
  });
}
