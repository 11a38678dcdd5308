// Creates a kafkajs client without logging and without its idle timer.

import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { Kafka, logLevel, type ISocketFactory, type KafkaConfig } from 'kafkajs';
import { tlsOptions, type TlsConfig } from '../../tls-config.ts';
import type { KafkaClusterConfig } from '../config.ts';
import { kafkajsSasl } from '../sasl/kafkajs.ts';
import { clientId, type ConnectionTimeouts } from '../wire/connections.ts';
import './idle-timer.ts';

const keepAliveMs = 60_000;

export function createKafkajs(
  { bootstrap, tls, sasl }: KafkaClusterConfig,
  { connectMs, requestMs }: ConnectionTimeouts,
  retries: number,
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
    ...(tls !== undefined && { ssl: tlsOptions(tls), socketFactory: tlsSockets(tls) }),
    ...(sasl === undefined ? {} : { sasl: kafkajsSasl(sasl) }),
  };
  return new Kafka(config);
}

/** As kafkajs's own, with the files as they are at each connection: certificates are renewed. */
const tlsSockets =
  (tls: TlsConfig): ISocketFactory =>
  ({ host, port, onConnect }) => {
    const servername = tls.serverName ?? (isIP(host) === 0 ? host : undefined);
    const options = { host, port, ...tlsOptions(tls), ...(servername !== undefined && { servername }) };
    return connect(options, onConnect).setKeepAlive(true, keepAliveMs);
  };
