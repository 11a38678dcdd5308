// Explains why a connection could not be opened or was lost, with a hint.

import { AppError } from '../../../core/errors.ts';
import { networkErrorMessages } from '../../network-errors.ts';
import { detectListener } from './detect-listener.ts';

export interface Attempt {
  address: string;
  /** Address and cluster, for messages: `127.0.0.1:10911 of cluster shop`. */
  where: string;
  isTls: boolean;
  /** Whether the address ever spoke RocketMQ. */
  isProven: boolean;
}

/** The peer closed the connection without a reason. */
export class ClosedByPeer extends Error {
  constructor() {
    super('the connection was closed');
  }
}

/** Timeout for the probe of a peer that closed the connection. */
const probeMs = 1000;

/** @returns the fault, with the result of probing the port if the peer gave no reason */
export async function explainFailure(cause: unknown, attempt: Attempt): Promise<AppError> {
  const { where, address, isTls, isProven } = attempt;
  const unreachable = (reason: string, hint?: string) =>
    new AppError('broker-unreachable', `cannot reach ${where}: ${reason}`, { cause, hint });

  if (cause instanceof AppError) return cause.code === 'answer-unreadable' ? notUnderstood(cause, attempt) : cause;
  const { code, name, message } = rootOf(cause);
  if (isProven) return unreachable(networkErrorMessages[code ?? ''] ?? message);
  if (isTls && isCutHandshake(code, message)) {
    return unreachable(
      'the connection was closed during the TLS handshake',
      'remove `tls` if the listener is plaintext; set tls.cert and tls.key if it requires a client certificate',
    );
  }
  if (name === 'TimeoutError') return unreachable('no answer in time');
  if (!(cause instanceof ClosedByPeer || code === 'ECONNRESET')) {
    return unreachable(networkErrorMessages[code ?? ''] ?? message);
  }
  const listener = isTls ? undefined : await detectListener(address, AbortSignal.timeout(probeMs));
  if (listener === 'kafka') {
    return unreachable(
      'a Kafka broker listens on this port',
      'set `broker: kafka`, or use the addresses of RocketMQ name servers',
    );
  }
  if (listener === 'tls') return unreachable('the listener speaks TLS only', 'add `tls` under clusters.<name>');
  return unreachable('it closed the connection without an answer', wrongPort);
}

const wrongPort = 'use the port of a RocketMQ name server, usually 9876, and check for a proxy in between';

function notUnderstood(cause: AppError, { where, isTls }: Attempt): AppError {
  const hint = /speaks TLS/.test(cause.message) && !isTls ? 'add `tls` under clusters.<name>' : wrongPort;
  return new AppError(cause.code, `cannot understand ${where}: ${cause.message}`, { cause, hint });
}

const isCutHandshake = (code: string | undefined, message: string) =>
  code === 'ECONNRESET' || /disconnected before secure TLS|socket hang up/i.test(message);

/** Node collects the errors of all addresses of a host name; the first is enough. */
function rootOf(cause: unknown): { code?: string; name: string; message: string } {
  if (cause instanceof AggregateError && cause.errors.length > 0) return rootOf(cause.errors[0]);
  if (!(cause instanceof Error)) return { name: '', message: String(cause) };
  const { code } = cause as NodeJS.ErrnoException;
  return { name: cause.name, message: cause.message, ...(typeof code === 'string' && { code }) };
}
