// Keeps at most one connection per broker and channel, opened on demand and replaced after it closes.

import { createConnection } from 'node:net';
import { Connection, type ConnectionOptions } from '@platformatic/kafka';
import { AppError } from '../../../core/errors.ts';
import { splitAddress } from '../../address.ts';
import type { Io } from '../../driver.ts';
import { tlsOptions } from '../../tls-config.ts';
import type { KafkaClusterConfig } from '../config.ts';
import { toAppError } from '../errors.ts';
import { loginPausesOf } from './login-pauses.ts';
import { platformaticSasl } from '../sasl/platformatic.ts';
import { untilAborted } from '../../../core/abort.ts';

export const clientId = 'plimsoll';

/** A broker that does not accept, or does not answer, for this long counts as unreachable. */
export interface ConnectionTimeouts {
  connectMs: number;
  requestMs: number;
}

/** A request that carries messages may wait for replicas; 10 s is ten of Kafka's default replica fetch waits. */
export const defaultTimeouts: ConnectionTimeouts = { connectMs: 5000, requestMs: 10_000 };

/**
 * For consumers: who is behind gets a mebibyte a partition in one answer, which takes many seconds of a slow link that groups
 * share. Kafka's own clients wait as long (request.timeout.ms).
 */
export const consumerTimeouts: ConnectionTimeouts = { connectMs: 5000, requestMs: 30_000 };

/** For reads on a schedule: a stopped broker may not eat the time of the others, and the usual scrape has 10 s. */
export const scrapeTimeouts: ConnectionTimeouts = { connectMs: 2000, requestMs: 4000 };

/** For the echo, which measures late answers; the caller sets the deadline. */
export const echoTimeouts: ConnectionTimeouts = { connectMs: 5000, requestMs: 120_000 };

export interface Connections extends AsyncDisposable {
  /** The first bootstrap address that answers. @throws AppError naming every address tried. */
  bootstrap(io: Io): Promise<{ connection: Connection; address: string }>;
  /** @param channel a separate connection for requests that may wait long: a broker answers each connection in order */
  to(address: string, io: Io, channel?: string): Promise<Connection>;
}

export function createConnections(name: string, config: KafkaClusterConfig, patience: ConnectionTimeouts): Connections {
  const open = new Map<string, Promise<Connection>>();
  const options = connectionOptions(config, patience);
  const logins = loginPausesOf(config);
  const attemptAt = (address: string) => ({ action: `reach a broker of cluster ${name}`, address });

  async function connect(address: string, key: string): Promise<Connection> {
    const connection = new Connection(clientId, options);
    const forget = () => {
      if (open.get(key) === pending) open.delete(key);
    };
    // A failed connection also rejects what waits for it; without a listener the event would end the process.
    connection.on('error', forget);
    connection.on('close', forget);
    const pending = open.get(key);
    const { host, port } = splitAddress(address);
    try {
      await connection.connect(host, port);
    } catch (cause) {
      logins.note(address, toAppError(cause, attemptAt(address)));
      throw cause;
    }
    logins.note(address, undefined);
    return connection;
  }

  async function connectUnlessPaused(address: string, key: string): Promise<Connection> {
    try {
      logins.refuseEarly(address);
    } catch (refusal) {
      // A broker that has stopped since is down, whatever it refused before.
      await reach(address).catch((cause: unknown) => {
        logins.note(address, toAppError(cause, attemptAt(address)));
        throw cause;
      });
      throw refusal;
    }
    return connect(address, key);
  }

  function reach(address: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const socket = createConnection({ ...splitAddress(address), timeout: patience.connectMs });
    socket.on('connect', resolve);
    socket.on('error', reject);
    socket.on('timeout', () => reject(new Error('timed out')));
    return promise.finally(() => socket.destroy());
  }

  async function to(address: string, { signal }: Io, channel = 'default'): Promise<Connection> {
    signal.throwIfAborted();
    const key = `${channel} ${address}`;
    let pending = open.get(key);
    if (pending === undefined) {
      pending = Promise.resolve().then(() => connectUnlessPaused(address, key));
      open.set(key, pending);
      pending.catch(() => open.delete(key));
    }
    try {
      const connection = await untilAborted(pending, signal);
      if (!isEnding.has(connection.status)) return connection;
      // Given up after a request without an answer; its close event is yet to come.
      open.delete(key);
      return await to(address, { signal }, channel);
    } catch (cause) {
      signal.throwIfAborted();
      throw toAppError(cause, attemptAt(address));
    }
  }

  return {
    to,
    async bootstrap(io) {
      const refusals: AppError[] = [];
      for (const address of config.bootstrap) {
        try {
          return { connection: await to(address, io), address };
        } catch (cause) {
          io.signal.throwIfAborted();
          refusals.push(toAppError(cause, attemptAt(address)));
        }
      }
      throw refusals.find(({ code }) => code !== 'broker-unreachable') ?? allUnreachable(name, refusals);
    },
    async [Symbol.asyncDispose]() {
      const pending = [...open.values()];
      open.clear();
      const settled = await Promise.allSettled(pending);
      for (const outcome of settled) {
        if (outcome.status === 'fulfilled') closeNow(outcome.value);
      }
    },
  };
}

const isEnding: ReadonlySet<string> = new Set(['closing', 'closed', 'error']);

/** Without waiting for the peer, which may be gone. */
function closeNow(connection: Connection): void {
  connection.close(() => {});
  connection.socket.destroy();
}

function allUnreachable(name: string, refusals: readonly AppError[]): AppError {
  const [first] = refusals;
  if (refusals.length === 1 && first !== undefined) return first;
  const tried = refusals
    .map(({ message }) => message.replace(/^cannot reach a broker of cluster .* on /, ''))
    .join('; ');
  return new AppError('broker-unreachable', `cannot reach any broker of cluster ${name}: ${tried}`, { cause: first });
}

function connectionOptions(
  { tls, sasl }: KafkaClusterConfig,
  { connectMs, requestMs }: ConnectionTimeouts,
): ConnectionOptions {
  return {
    connectTimeout: connectMs,
    requestTimeout: requestMs,
    // Far above what an open-loop sender has under way; the broker orders them, not a queue of ours.
    maxInflights: 1024,
    ...(tls === undefined
      ? {}
      : { tls: tlsOptions(tls), ...(tls.serverName === undefined ? {} : { tlsServerName: tls.serverName }) }),
    ...(sasl === undefined ? {} : { sasl: platformaticSasl(sasl) }),
  };
}
