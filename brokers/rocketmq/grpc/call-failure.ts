// Explains why a gRPC call to a proxy failed, with a hint.

import { status as grpcStatus, type ServiceError } from '@grpc/grpc-js';
import { AppError } from '../../../core/errors.ts';
import type { Attempt } from '../protocol/connection-fault.ts';
import { detectListener } from '../protocol/detect-listener.ts';
import { credentialsHint } from './status.ts';

interface FailedCall extends Attempt {
  action: string;
}

const addressHint = 'give the gRPC address of a RocketMQ 5 proxy under clusters.<name>.proxy, usually port 8081';
/** Timeout for the probe of the listener. */
const probeMs = 1000;

export async function explainCallFailure(cause: ServiceError, failed: FailedCall): Promise<AppError> {
  const { action, where } = failed;
  const { code } = cause;
  const details = lastError(cause.details);
  const fault = (kind: 'broker-unreachable' | 'broker-refused' | 'credentials-refused', why: string, hint?: string) =>
    new AppError(kind, `cannot ${action} through proxy ${where}: ${why}`, { cause, hint });
  switch (code) {
    case grpcStatus.DEADLINE_EXCEEDED:
      return fault('broker-unreachable', 'no answer in time');
    case grpcStatus.UNAUTHENTICATED:
    case grpcStatus.PERMISSION_DENIED:
      return fault('credentials-refused', details, credentialsHint);
    case grpcStatus.UNIMPLEMENTED:
      return fault('broker-refused', `it is not a RocketMQ proxy (${details})`, addressHint);
    case grpcStatus.INVALID_ARGUMENT:
      return fault('broker-refused', details);
    default: {
      const [why, hint] = known(details, failed) ?? (await guess(details, failed));
      return fault('broker-unreachable', why, hint);
    }
  }
}

/** Removes what the library adds to a message, such as the time, because errors are counted by their text. */
const lastError = (details: string) =>
  details
    .replace(/^.*Last error: (?:Error: )?/, '')
    .replace(/ ?(?:\(\d{4}-\d\d-\d\dT[^)]*\))?\.? ?Resolution note:.*$/, '');

type Reason = [why: string, hint?: string];

function known(details: string, { isTls, isProven }: FailedCall): Reason | undefined {
  if (/ECONNREFUSED/.test(details)) return ['connection refused', addressHint];
  if (/ECONNRESET|EPIPE|Connection dropped|GOAWAY/i.test(details) && isProven) return ['the connection was lost'];
  if (/ENOTFOUND|EAI_AGAIN|Name resolution failed/.test(details)) return ['the host name cannot be resolved'];
  if (isTls && /wrong version number|packet length too long/i.test(details)) {
    return ['it does not speak TLS', 'remove `tls` under clusters.<name>.proxy, or use the TLS port'];
  }
  if (isTls && /certificate|altnames|self.signed/i.test(details)) {
    return [details, 'check ca and serverName under clusters.<name>.proxy.tls'];
  }
  return isProven ? [details] : undefined;
}

/** Guesses the reason of a failure before the first answer: mostly a wrong address, or TLS on one side only. */
async function guess(details: string, { address, isTls }: FailedCall): Promise<Reason> {
  const listener = isTls ? undefined : await detectListener(address, AbortSignal.timeout(probeMs));
  // A remoting port speaks TLS as well.
  if (listener === 'tls') {
    return ['it does not speak gRPC without TLS', `${addressHint}; for a proxy with TLS, add \`tls\` there`];
  }
  if (listener === 'kafka') return ['a Kafka broker listens on this port', addressHint];
  return [/Protocol error|Parse Error/i.test(details) ? 'it does not speak gRPC' : details, addressHint];
}
