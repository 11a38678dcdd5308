// Sends requests to name servers, brokers and controllers over one connection per address.

import { type Clock, systemClock, untilAborted } from '../../../core/clock.ts';
import type { Frame, Request, Response } from './frame.ts';
import type { RequestSeries, SeriesClient } from './request-series.ts';
import type { AppError } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';
import type { RocketmqClusterConfig, RocketmqCredentials } from '../config.ts';
import { sign, type SigningKey } from './acl.ts';
import { explainFailure } from './connection-fault.ts';
import { type Connection, createConnection } from './connection.ts';
import { openSocket } from '../../open-socket.ts';

export interface RemotingOptions {
  /** Name of the cluster, for messages. */
  name: string;
  config: LinkOptions['config'];
  clock?: Clock;
}

/** Links unused for this long are closed: brokers leave a cluster, or come back at another address. */
const forgetSeconds = 3600;

/** Connects on demand, and again after a connection broke. */
export function createRemotingClient({ name, config, clock = systemClock }: RemotingOptions): SeriesClient {
  const links = new Map<string, Link>();
  const answers = new Map<number, (request: Request, from: string) => Response | undefined>();

  function linkTo(address: string): Link {
    let link = links.get(address);
    if (link === undefined) {
      forgetUnused();
      link = createLink({
        address,
        cluster: name,
        config,
        clock,
        answer: ({ code, fields, body }) => answers.get(code)?.({ code, fields, body }, address),
      });
      links.set(address, link);
    }
    return link;
  }

  function forgetUnused(): void {
    for (const [address, link] of links) {
      if (link.unusedSeconds < forgetSeconds) continue;
      link.close();
      links.delete(address);
    }
  }

  return {
    ask: (address, request, io) => linkTo(address).ask(request, io),
    askSeries: (address, series, io) => linkTo(address).askSeries(series, io),
    tellAll: (address, series, io) => linkTo(address).tellAll(series, io),
    onRequest: (code, answer) => void answers.set(code, answer),
    async [Symbol.asyncDispose]() {
      for (const link of links.values()) link.close();
    },
  };
}

interface LinkOptions {
  address: string;
  /** Name of the cluster, for messages. */
  cluster: string;
  config: Pick<RocketmqClusterConfig, 'credentials' | 'tls'>;
  clock: Clock;
  /** @returns the answer to a request from the peer; undefined for an unknown one */
  answer(request: Frame): Response | undefined;
}

/** Timeout for opening a connection; the host then counts as unreachable. */
const connectMs = 5000;
/** Brokers close connections after 120 s of silence; a shorter limit avoids sending on a closing connection. */
const longestIdleSeconds = 90;
/** Backoff after a failed connection attempt, doubled each time, so that clients do not flood a broker that starts. */
const firstPauseSeconds = 0.1;
const longestPauseSeconds = 3;

interface Opened {
  connection: Connection;
  /** Key read when the connection is opened, so that the next connection uses a rotated secret. */
  key: SigningKey | undefined;
  /** Resolves with the reason when the connection has ended. */
  fault: Promise<AppError>;
}

type Link = ReturnType<typeof createLink>;

/** Sends requests to one address over one connection, and reconnects with a delay after it broke. */
function createLink({ address, cluster, config, clock, answer }: LinkOptions) {
  const closing = new AbortController();
  /** Includes distrusted connections, which are kept until no request waits on them. */
  const connections = new Set<Connection>();
  let current: Opened | undefined;
  let opening: Promise<Opened> | undefined;
  let isProven = false;
  let failures = 0;
  let retry: { atSeconds: number; fault: Promise<AppError> } | undefined;
  let usedAt = clock.monotonic();

  function usable(): Opened | undefined {
    const connection = current?.connection;
    return connection?.isTrusted === true && connection.idleSeconds < longestIdleSeconds ? current : undefined;
  }

  async function opened({ signal }: Io): Promise<Opened> {
    signal.throwIfAborted();
    closing.signal.throwIfAborted();
    const open = usable();
    if (open !== undefined) return open;
    if (current?.connection.isTrusted === true) current.connection.close();
    current = undefined;
    if (opening === undefined) {
      // It is too early for another attempt, so the fault of the last one is reported.
      if (retry !== undefined && clock.monotonic() < retry.atSeconds) {
        throw await untilAborted(retry.fault, signal);
      }
      opening = connect().finally(() => (opening = undefined));
    }
    return untilAborted(opening, signal);
  }

  async function connect(): Promise<Opened> {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(connectMs)]);
    try {
      const key = config.credentials && signingKey(config.credentials);
      const connection = createConnection(await openSocket(address, config.tls, signal), clock, answer);
      connections.add(connection);
      current = { connection, key, fault: connection.ended.then((cause) => leave(connection, cause)) };
      return current;
    } catch (cause) {
      throw await pause(cause);
    }
  }

  function leave(connection: Connection, cause: Error | undefined): Promise<AppError> {
    connections.delete(connection);
    if (current?.connection === connection) current = undefined;
    if (connection.hasReceived) isProven = true;
    // A connection that worked is replaced at once; one that never received a frame counts as a failed attempt.
    return connection.hasReceived || cause === undefined ? explain(cause) : pause(cause);
  }

  /** Sets the backoff: a random 50 to 100% of the limit, so that clients do not all reconnect at the same time. */
  function pause(cause: unknown): Promise<AppError> {
    const longest = Math.min(firstPauseSeconds * 2 ** failures++, longestPauseSeconds);
    const fault = explain(cause);
    retry = { atSeconds: clock.monotonic() + longest * (0.5 + Math.random() / 2), fault };
    return fault;
  }

  function explain(cause: unknown): Promise<AppError> {
    return explainFailure(cause ?? closing.signal.reason, {
      address,
      where: `${address} of cluster ${cluster}`,
      isTls: config.tls !== undefined,
      isProven,
    });
  }

  return {
    get unusedSeconds(): number {
      return clock.monotonic() - usedAt;
    },
    /** @throws AppError broker-unreachable, answer-unreadable, or the signal's reason */
    async ask(request: Request, io: Io): Promise<Response> {
      usedAt = clock.monotonic();
      const { connection, key, fault } = await opened(io);
      try {
        const response = await connection.ask(key === undefined ? request : sign(request, key), io);
        if (connection.hasReceived) [isProven, failures] = [true, 0];
        return response;
      } catch (cause) {
        throw await faultOf(connection, { cause, fault, io });
      }
    },
    /** @throws as `ask`; NoAnswer; after all requests are answered, the error of the least certain bad answer */
    async askSeries(series: RequestSeries, io: Io): Promise<void> {
      usedAt = clock.monotonic();
      const { connection, key, fault } = usable() ?? (await opened(io));
      io.signal.throwIfAborted();
      const end = await connection.askSeries(series, key && ((request) => sign(request, key)), io);
      if (connection.hasReceived) [isProven, failures] = [true, 0];
      if (end.kind === 'failed') throw end.reason;
      if (end.kind === 'lost') throw await untilAborted(fault, io.signal);
    },
    /** @throws as `ask` */
    async tellAll(series: RequestSeries, io: Io): Promise<void> {
      usedAt = clock.monotonic();
      const { connection, key, fault } = await opened(io);
      try {
        await connection.tellAll(series, key && ((request) => sign(request, key)), io);
      } catch (cause) {
        throw await faultOf(connection, { cause, fault, io });
      }
    },
    close(): void {
      closing.abort(new Error('this client was closed'));
      for (const connection of connections) connection.close();
    },
  };
}

/** Returns why a request failed: if the connection is still open, the cause itself, such as an encoding error. */
async function faultOf(
  connection: Connection,
  { cause, fault, io }: { cause: unknown; fault: Promise<AppError>; io: Io },
): Promise<unknown> {
  io.signal.throwIfAborted();
  return connection.isOver ? untilAborted(fault, io.signal) : cause;
}

function signingKey({ accessKey, secretKey, securityToken }: RocketmqCredentials): SigningKey {
  return {
    accessKey,
    secretKey: secretKey.reveal(),
    ...(securityToken !== undefined && { securityToken: securityToken.reveal() }),
  };
}
