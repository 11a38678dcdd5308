// Creates a kafkajs client without logging and without its idle timer.

import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Kafka, logLevel, type ISocketFactory, type KafkaConfig, type Mechanism, type SASLOptions } from 'kafkajs';
import { serverNameFor, tlsOptions, type TlsConfig } from '../../tls-config.ts';
import type { KafkaClusterConfig } from '../config.ts';
import { clientId, type ConnectionTimeouts } from '../wire/connections.ts';
import './idle-timer.ts';
import { ignoreFault } from '../../../core/errors.ts';
import type { Sasl } from '../sasl/config.ts';
import type { SaslExchange } from '../sasl/exchange.ts';
import { gssapiExchange } from '../sasl/gssapi.ts';
import { mskIamToken } from '../sasl/msk-iam.ts';
import { oauthBearerExchange } from '../sasl/oauth-bearer.ts';

const keepAliveMs = 60_000;

export function createKafkajs(
  { bootstrap, tls, sasl }: KafkaClusterConfig,
  { connectMs, requestMs }: ConnectionTimeouts,
  retries: number,
  onSocket?: (socket: Socket) => void,
): Kafka {
  const config: KafkaConfig = {
    clientId,
    brokers: bootstrap,
    connectionTimeout: connectMs,
    authenticationTimeout: requestMs,
    requestTimeout: requestMs,
    retry: { retries, initialRetryTime: 100, maxRetryTime: 1000 },
    logLevel: logLevel.NOTHING,
    logCreator: () => () => {},
    socketFactory: socketFactory(tls, onSocket),
    ...(tls !== undefined && { ssl: tlsOptions(tls) }),
    ...(sasl === undefined ? {} : { sasl: kafkajsSasl(sasl) }),
  };
  return new Kafka(config);
}

/** As kafkajs's own factory, but reads the TLS files for each connection, because certificates are renewed. */
const socketFactory =
  (tls: TlsConfig | undefined, onSocket?: (socket: Socket) => void): ISocketFactory =>
  ({ host, port, onConnect }) => {
    const socket =
      tls === undefined
        ? connect({ host, port }, onConnect)
        : connectTls({ host, port, servername: serverNameFor(host, tls), ...tlsOptions(tls) }, onConnect);
    onSocket?.(socket);
    return socket.setKeepAlive(true, keepAliveMs);
  };

const leaveTimeoutMs = 1500;

/** Limits how long a kafkajs client may take to leave its group when the broker is gone. */
export async function withinLeaveTimeout(farewell: Promise<unknown>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, leaveTimeoutMs);
  await Promise.race([farewell.catch(ignoreFault('the broker notices a closed connection itself')), late]).finally(() =>
    clearTimeout(timer),
  );
}

/** Configures SASL for kafkajs. */
function kafkajsSasl(sasl: Sasl): SASLOptions | Mechanism {
  switch (sasl.mechanism) {
    case 'oauthbearer':
      return authenticateBy('OAUTHBEARER', (host) => oauthBearerExchange(sasl, host));
    case 'aws-msk-iam':
      return { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: await mskIamToken(sasl) }) };
    case 'gssapi':
      return authenticateBy('GSSAPI', (host) => gssapiExchange(sasl, host));
    default:
      return withPassword(sasl);
  }
}

const authenticateBy = (mechanism: string, begin: (host: string) => SaslExchange): Mechanism => ({
  mechanism,
  authenticationProvider: ({ host, saslAuthenticate }) => ({
    async authenticate() {
      const exchange = begin(host);
      let reply = await exchange.next();
      while (reply !== undefined) {
        const bytes = withLength(reply);
        const challenge = await saslAuthenticate({
          request: { encode: async () => bytes },
          response: { decode: async (given) => given, parse: async (given: Buffer) => withoutLength(given) },
        }).catch((cause: unknown) => {
          throw exchange.faultOf(cause);
        });
        reply = await exchange.next(challenge ?? Buffer.alloc(0));
      }
    },
  }),
});

/** kafkajs keeps the object and reads the password from it at each login, because a file may be renewed. */
const withPassword = ({ mechanism, username, password }: Extract<Sasl, { username: string }>): SASLOptions => ({
  mechanism,
  username,
  get password() {
    return password.reveal();
  },
});

/** kafkajs passes the bytes of an exchange as in the protocol: after a length of four bytes. */
function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

const withoutLength = (bytes: Buffer): Buffer => bytes.subarray(4);
