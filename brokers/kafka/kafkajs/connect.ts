// Creates a kafkajs client without logging and without its idle timer.

import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Kafka, logLevel, type ISocketFactory, type KafkaConfig } from 'kafkajs';
import { serverNameFor, tlsOptions, type TlsConfig } from '../../tls-config.ts';
import type { KafkaClusterConfig } from '../config.ts';
import { kafkajsSasl } from '../sasl/kafkajs.ts';
import { clientId, type ConnectionTimeouts } from '../wire/connections.ts';
import './idle-timer.ts';
import { ignoreFault } from '../../../core/errors.ts';

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
