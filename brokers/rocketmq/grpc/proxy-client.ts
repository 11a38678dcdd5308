// Calls a RocketMQ proxy over one gRPC connection, with errors that name the action and the address.

import { randomUUID } from 'node:crypto';
import { addAbortListener } from 'node:events';
import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import {
  ChannelCredentials,
  Client,
  Metadata,
  type ClientDuplexStream,
  type ServiceError,
  status as grpcStatus,
} from '@grpc/grpc-js';
import { seconds, type Seconds, systemClock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import { splitAddress } from '../../address.ts';
import type { Io } from '../../driver.ts';
import { tlsOptions } from '../../tls-config.ts';
import type { ProxyConfig, RocketmqClusterConfig } from '../config.ts';
import type { Endpoints, Method, Resource } from './messages.ts';
import { createHeaders } from './metadata.ts';
import type { Attempt } from '../protocol/connection-fault.ts';
import { detectListener } from '../protocol/detect-listener.ts';
import { credentialsHint } from './status.ts';

export interface ProxyClient extends Disposable {
  /** Address and cluster, for messages: `127.0.0.1:8081 of cluster shop`. */
  readonly where: string;
  readonly endpoints: Endpoints;
  resource(name: string): Resource;
  /** @throws AppError broker-unreachable, credentials-refused; the signal's reason once it aborts */
  call<Request, Answer>(method: Method<Request, Answer>, request: Request, io: CallIo): Promise<Answer>;
  /** @returns all answers of a streaming call. @throws as `call` */
  callMany<Request, Answer>(method: Method<Request, Answer>, request: Request, io: CallIo): Promise<Answer[]>;
  /** Opens a bidirectional stream. */
  converse<Request, Answer>(method: Method<Request, Answer>): ClientDuplexStream<Request, Answer>;
  /** Converts an error of a stream to a fault. */
  faultOf(action: string, cause: unknown): Promise<AppError>;
}

interface CallIo extends Io {
  /** Action for messages, such as `send to orders`. */
  action: string;
  /** Timeout, after which the proxy counts as unreachable. */
  within?: Seconds;
}

/** @throws AppError config-invalid for TLS files that cannot be read */
export function createProxyClient(name: string, cluster: RocketmqClusterConfig, proxy: ProxyConfig): ProxyClient {
  const { address, namespace } = proxy;
  const { host, port } = splitAddress(address);
  const where = `${address} of cluster ${name}`;
  const clientId = `plimsoll@${process.pid}@${randomUUID()}`;
  const headers = createHeaders(
    { clientId, namespace, credentials: proxy.credentials ?? cluster.credentials },
    systemClock,
  );
  const client = new Client(address, credentialsOf(proxy), channelOptions(proxy));
  let isProven = false;

  function metadata(): Metadata {
    const made = new Metadata();
    for (const [key, value] of Object.entries(headers())) made.set(key, value);
    return made;
  }

  const faultOf = (action: string, cause: unknown) =>
    explainCallFailure(cause as ServiceError, { action, where, address, isTls: proxy.tls !== undefined, isProven });

  /** @throws the error of the call, as a fault */
  async function settled<Answer>(
    { action, signal }: CallIo,
    start: (settle: { resolve(answer: Answer): void; reject(cause: unknown): void }) => { cancel(): void },
  ): Promise<Answer> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const call = start({ resolve, reject });
    using _ = addAbortListener(signal, () => {
      reject(signal.reason as Error);
      call.cancel();
    });
    try {
      const answer = await promise;
      isProven = true;
      return answer;
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      throw cause instanceof AppError ? cause : await faultOf(action, cause);
    }
  }

  const deadline = ({ within = seconds(10) }: CallIo) => ({ deadline: Date.now() + within * 1000 });

  return {
    where,
    endpoints: { scheme: schemeOf(host), addresses: [{ host, port }] },
    resource: (of) => ({ ...(namespace !== undefined && { namespace }), name: of }),

    call: ({ path, request: { encode }, answer: { decode } }, request, io) =>
      settled(io, ({ resolve, reject }) =>
        client.makeUnaryRequest(path, encode, decode, request, metadata(), deadline(io), (fault, answer) =>
          fault === null && answer !== undefined ? resolve(answer) : reject(fault),
        ),
      ),

    callMany: ({ path, request: { encode }, answer: { decode } }, request, io) =>
      settled(io, ({ resolve, reject }) => {
        const answers: ReturnType<typeof decode>[] = [];
        const stream = client.makeServerStreamRequest(path, encode, decode, request, metadata(), deadline(io));
        stream.on('data', (answer: ReturnType<typeof decode>) => answers.push(answer));
        stream.on('end', () => resolve(answers));
        stream.on('error', reject);
        return stream;
      }),

    converse: ({ path, request: { encode }, answer: { decode } }) =>
      client.makeBidiStreamRequest(path, encode, decode, metadata()),

    faultOf,
    [Symbol.dispose]: () => client.close(),
  };
}

/** AddressScheme: IPv4, IPv6, or a name. */
const schemeOf = (host: string): number => ({ 4: 1, 6: 2 })[isIP(host)] ?? 3;

function credentialsOf({ address, tls }: ProxyConfig): ChannelCredentials {
  if (tls === undefined) return ChannelCredentials.createInsecure();
  const { ca, cert, key, rejectUnauthorized } = tlsOptions(tls);
  const pem = (text: string | undefined) => (text === undefined ? null : Buffer.from(text));
  const expected = tls.serverName ?? splitAddress(address).host;
  return ChannelCredentials.createSsl(pem(ca), pem(key), pem(cert), {
    rejectUnauthorized,
    checkServerIdentity: (_, certificate) => checkServerIdentity(expected, certificate),
  });
}

/** The library always sends a server name, but an IP address is not a valid one (RFC 6066). */
const serverNameOf = ({ address, tls }: ProxyConfig): string => {
  const { host } = splitAddress(address);
  return tls?.serverName ?? (isIP(host) === 0 ? host : 'rocketmq-proxy');
};

/** A load generator measures each send, so the library must not retry, nor use an HTTP proxy of the environment. */
const channelOptions = (proxy: ProxyConfig) => ({
  'grpc.enable_retries': 0,
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc.use_local_subchannel_pool': 1,
  'grpc.max_receive_message_length': -1,
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.min_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 2000,
  ...(proxy.tls !== undefined && { 'grpc.ssl_target_name_override': serverNameOf(proxy) }),
});

interface FailedCall extends Attempt {
  action: string;
}

const addressHint = 'give the gRPC address of a RocketMQ 5 proxy under clusters.<name>.proxy, usually port 8081';
/** Timeout for the probe of the listener. */
const probeMs = 1000;

/** Explains why a gRPC call to a proxy failed, with a hint. */
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
