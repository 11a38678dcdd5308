// Sends one request and converts its failures to AppErrors, until the signal aborts.

import { once } from 'node:events';
import { findErrorBy, protocolAPIsById, ResponseError, type API, type Connection } from '../library.ts';
import { untilAborted } from '../../../core/clock.ts';
import type { Io } from '../../driver.ts';
import { toAppError, type Attempt } from '../errors.ts';
import { nameUnknownErrorCodes } from './unknown-error-codes.ts';

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
