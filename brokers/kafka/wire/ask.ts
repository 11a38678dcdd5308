// Sends one request and converts its failures to AppErrors, until the signal aborts.

import { once } from 'node:events';
import {
  findErrorBy,
  protocolAPIsById,
  ResponseError,
  type API,
  type Connection,
  protocolErrors,
  protocolErrorsCodesById,
} from '../library.ts';
import { untilAborted } from '../../../core/clock.ts';
import type { Io } from '../../driver.ts';
import { toAppError, type Attempt } from '../errors.ts';

nameUnknownErrorCodes();

/** @throws AppError as the broker answers, or the signal's reason once it aborts. */
export async function ask<Arguments extends unknown[], Response>(
  connection: Connection,
  attempt: Attempt,
  { signal }: Io,
  api: API<Arguments, Response>,
  ...request: Arguments
): Promise<Response> {
  try {
    // Kafka closes a connection that sends any other request between SaslHandshake and SaslAuthenticate.
    while (connection.status === 'reauthenticating') await once(connection, 'connect', { signal });
    return await untilAborted(api.async(connection, ...request), signal);
  } catch (cause) {
    signal.throwIfAborted();
    const name = protocolAPIsById[api.key];
    throw toAppError(cause, { ...attempt, ...(name !== undefined && { api: name }) });
  }
}

/**
 * Sends a request with many parts: each has an error code in the answer, so a refused part does not affect the others.
 */
export async function askForParts<Arguments extends unknown[], Response>(
  ...question: Parameters<typeof ask<Arguments, Response>>
): Promise<Response> {
  try {
    return await ask(...question);
  } catch (fault) {
    const { cause } = fault as Error;
    const refused = cause instanceof Error ? findErrorBy(cause, 'code', ResponseError.code) : null;
    const { response } = (refused ?? {}) as { response?: Response };
    if (response !== undefined) return response;
    throw fault;
  }
}

/**
 * The client looks error codes up in a table and throws if there is no entry, so one partition with a new code would
 * make the whole answer unreadable (seen on 2.12.1). With this fallback, an unknown code is named `error 9999`.
 */
export function nameUnknownErrorCodes(): void {
  addFallback(protocolErrorsCodesById, (code) => (/^-?\d+$/.test(code) ? `error ${code}` : undefined));
  addFallback(protocolErrors, (id) => {
    const [, code] = /^error (-?\d+)$/.exec(id) ?? [];
    return code === undefined
      ? undefined
      : { id, code: Number(code), canRetry: false, message: 'this version of Plimsoll does not know it' };
  });
}

/** Adds a function that is called for keys that the table does not have. */
function addFallback(table: object, find: (key: string) => unknown): void {
  Object.setPrototypeOf(
    table,
    new Proxy(Object.prototype, {
      get: (target, key) => (typeof key === 'string' ? find(key) : undefined) ?? Reflect.get(target, key),
    }),
  );
}
