// Keeps at most one connection per broker and channel, opened on demand and replaced after it closes.

import { createConnection } from 'node:net';
import { Connection, type ConnectionOptions } from '../library.ts';
import { splitAddress } from '../../address.ts';
import type { Io } from '../../driver.ts';
import { serverNameFor, tlsOptions } from '../../tls-config.ts';
import type { KafkaClusterConfig } from '../config.ts';
import { toAppError } from '../errors.ts';
import { apiRangesOf, firstToAnswer } from './links.ts';
import { platformaticSasl } from '../sasl/platformatic.ts';
import { untilAborted, type Clock, systemClock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';

export const clientId = 'plimsoll';

/** Timeouts after which a broker that does not accept or answer counts as unreachable. */
export interface ConnectionTimeouts {
  connectMs: number;
  requestMs: number;
}

/** A request with messages may wait for replicas, up to 8 s (replicasWaitMs). */
export const defaultTimeouts: ConnectionTimeouts = { connectMs: 5000, requestMs: 10_000 };

/**
 * Timeouts for consumers: an answer has up to a mebibyte per partition, which takes many seconds on a slow link that
 * groups share. Kafka's clients wait as long (request.timeout.ms).
 */
export const consumerTimeouts: ConnectionTimeouts = { connectMs: 5000, requestMs: 30_000 };

/** Timeouts for scheduled reads: a stopped broker must leave time for the others, and a scrape usually has 10 s. */
export const scrapeTimeouts: ConnectionTimeouts = { connectMs: 2000, requestMs: 4000 };

/** Timeouts for the echo, which measures late answers; the caller sets the deadline. */
export const echoTimeouts: ConnectionTimeouts = { connectMs: 5000, requestMs: 120_000 };

export interface Connections extends AsyncDisposable {
  /**
   * Connects to the first bootstrap address that answers a request: a frozen broker still accepts connections.
   * @throws AppError that names every tried address
   */
  bootstrap(io: Io): Promise<{ connection: Connection; address: string }>;
  /** @param channel a separate connection for requests that may wait long: a broker answers each connection in order */
  to(address: string, io: Io, channel?: string): Promise<Connection>;
}

export function createConnections(name: string, config: KafkaClusterConfig, patience: ConnectionTimeouts): Connections {
  const open = new Map<string, Promise<Connection>>();
  const logins = loginPausesOf(config);
  const attemptAt = (address: string) => ({ action: `reach a broker of cluster ${name}`, address });

  async function connect(address: string, key: string): Promise<Connection> {
    const pending = open.get(key);
    const forget = () => {
      if (open.get(key) === pending) open.delete(key);
    };
    const { host, port } = splitAddress(address);
    // Read before the login. If the file is renewed in between, the login uses the new secret, which counts as unused.
    const secret = logins.secretNow();
    try {
      const connection = new Connection(clientId, connectionOptions(host, config, patience));
      // A failed connection also rejects its pending requests; without a listener the event would end the process.
      connection.on('error', forget);
      connection.on('close', forget);
      await connection.connect(host, port);
      logins.note(address, undefined);
      return connection;
    } catch (cause) {
      logins.note(address, toAppError(cause, attemptAt(address)), secret);
      throw cause;
    }
  }

  async function connectUnlessPaused(address: string, key: string): Promise<Connection> {
    try {
      logins.refuseEarly(address);
    } catch (refusal) {
      // A broker that has stopped since then is reported as down, whatever it refused before.
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
      // It is closing after a request without an answer, but its close event has not come yet.
      open.delete(key);
      return await to(address, { signal }, channel);
    } catch (cause) {
      signal.throwIfAborted();
      throw toAppError(cause, attemptAt(address));
    }
  }

  return {
    to,
    bootstrap: (io) =>
      firstToAnswer(name, config.bootstrap, io, async (address, within) => {
        const connection = await to(address, within);
        await untilAborted(apiRangesOf(connection, address), within.signal);
        return { connection, address };
      }),
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

/** Closes without waiting for the peer, which may be gone. */
function closeNow(connection: Connection): void {
  connection.close(() => {});
  connection.socket.destroy();
}

/** Created for each connection, because certificates are renewed. */
function connectionOptions(
  host: string,
  { tls, sasl }: KafkaClusterConfig,
  { connectMs, requestMs }: ConnectionTimeouts,
): ConnectionOptions {
  return {
    connectTimeout: connectMs,
    requestTimeout: requestMs,
    // Far above the concurrent requests of an open-loop sender; the broker orders them, not a local queue.
    maxInflights: 1024,
    // If it is undefined, the library sends no server name; if it is true, the library would send addresses too.
    ...(tls && { tls: tlsOptions(tls), tlsServerName: serverNameFor(host, tls) ?? false }),
    ...(sasl === undefined ? {} : { sasl: platformaticSasl(sasl) }),
  };
}

/**
 * Directories lock an account after some five to ten failures within minutes, and a broker computes a hash for each
 * login. The pause doubles up to the longest one, which is how long a user waits at most after the broker is fixed.
 */
const firstPauseSeconds = 10;
const longestPauseSeconds = 60;

interface Refusal {
  fault: AppError;
  /** The refused secret; another secret is tried at once. */
  secret: string | undefined;
  pauseSeconds: number;
  until: number;
}

/** Pauses by config, which all clients of a cluster in this process share until the config is read again. */
const pausesByConfig = new WeakMap<KafkaClusterConfig, ReturnType<typeof createLoginPauses>>();

/** Pauses logins at a broker that refused one, so that scheduled readings do not cause a storm of logins. */
function loginPausesOf(config: KafkaClusterConfig) {
  const pauses = pausesByConfig.get(config) ?? createLoginPauses(config, systemClock);
  pausesByConfig.set(config, pauses);
  return pauses;
}

export function createLoginPauses({ sasl }: Pick<KafkaClusterConfig, 'sasl'>, clock: Pick<Clock, 'monotonic'>) {
  const refusals = new Map<string, Refusal>();

  /** Reads the secret now, to detect a renewed file; undefined for a login without a secret. */
  function secretNow(): string | undefined {
    try {
      switch (sasl?.mechanism) {
        case 'oauthbearer':
          return sasl.token.reveal();
        case 'plain':
        case 'scram-sha-256':
        case 'scram-sha-512':
          return sasl.password.reveal();
        default:
          return undefined;
      }
    } catch (cause) {
      // The login itself reports it.
      if (cause instanceof AppError) return undefined;
      throw cause;
    }
  }

  return {
    secretNow,
    /** @throws AppError the last refusal, while logins at the address pause */
    refuseEarly(address: string): void {
      const refusal = refusals.get(address);
      if (refusal === undefined) return;
      const [now, secret] = [clock.monotonic(), secretNow()];
      const isOther = secret !== refusal.secret;
      if (now < refusal.until && !isOther) throw refusal.fault;
      // One caller tries again; the others wait for its result.
      if (isOther) Object.assign(refusal, { secret, pauseSeconds: 0 });
      refusal.until = now + Math.max(firstPauseSeconds, refusal.pauseSeconds);
    },
    /**
     * @param outcome error of a login; undefined if it succeeded
     * @param secret secret that was read before the login
     */
    note(address: string, outcome: unknown, secret?: string): void {
      const before = refusals.get(address);
      if (outcome === undefined) refusals.delete(address);
      else if (outcome instanceof AppError && outcome.code === 'credentials-refused') {
        const pauseSeconds = Math.min(
          longestPauseSeconds,
          Math.max(firstPauseSeconds, 2 * (before?.pauseSeconds ?? 0)),
        );
        const until = clock.monotonic() + pauseSeconds;
        refusals.set(address, { fault: outcome, secret, pauseSeconds, until });
      }
      // A failure before the login proves nothing about it.
      else if (before !== undefined) before.until = clock.monotonic();
    },
  };
}
