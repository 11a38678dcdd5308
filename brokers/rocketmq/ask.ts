// Sends one request to a RocketMQ process, or to the name servers in turn, with errors that name the action and the address.

import { seconds, type Seconds, systemClock, untilAborted } from '../../core/clock.ts';
import { AppError, faultOf } from '../../core/errors.ts';
import type { Acks, Io } from '../driver.ts';
import type { RemotingClient, Response, TypedRequest } from './protocol/frame.ts';
import { neededPermission } from './needed-permission.ts';
import type { RequestSeries, SeriesClient } from './protocol/request-series.ts';
import { NoAnswer } from './protocol/series-table.ts';
import { createSilentBrokers, type SilentBrokers } from '../silent-brokers.ts';
import { type Membership, membershipOf } from './inspect/membership.ts';
import { encodeGetClusterInfo } from './protocol/get-cluster-info.ts';
import { encodeGetRoute, type Route } from './protocol/get-route.ts';
import { parseSendReceipt, type SendReceipt } from './protocol/send-message.ts';

/** Action, such as `send to orders-0`, and address of a request, for messages. */
export interface Attempt {
  action: string;
  address: string;
}

export interface AskIo extends Io {
  /** Timeout, after which the peer counts as unreachable; 10 s by default. */
  within?: Seconds;
}

/**
 * @throws AppError as the client and the parser of the request, with the action in its message; the signal's reason
 * once it aborts
 */
export async function ask<Answer>(
  client: RemotingClient,
  { action, address }: Attempt,
  request: TypedRequest<Answer>,
  { signal, within = seconds(10) }: AskIo,
): Promise<Answer> {
  signal.throwIfAborted();
  const limit = limitOf(within);
  try {
    // The caller's signal ends only the wait: a pending answer does not make the connection suspect.
    return request.parse(await untilAborted(client.ask(address, request, { signal: limit }), signal));
  } catch (cause) {
    if (signal.aborted) throw cause;
    if (limit.aborted && cause === limit.reason) {
      throw new AppError('broker-unreachable', `cannot ${action} on ${address}: no answer within ${within} s`, {
        cause,
      });
    }
    throw toAskError(cause, { action, address }, request.code);
  }
}

/** Adds action, address and missing permission; errors about an unreachable peer already name the address. */
function toAskError(cause: unknown, { action, address }: Attempt, code: number): unknown {
  if (!(cause instanceof AppError)) return cause;
  const needed = cause.code === 'credentials-refused' ? neededPermission(code, cause.message) : undefined;
  const hint = needed === undefined ? cause.hint : permissionsHint;
  const message = needed === undefined ? cause.message : `${cause.message} (${needed})`;
  if (cause.message.includes(address))
    return needed === undefined ? cause : new AppError(cause.code, message, { cause, hint });
  return new AppError(cause.code, `cannot ${action} on ${address}: ${message}`, { cause, hint });
}

const permissionsHint = 'docs/permissions.md lists what each feature needs, and how to grant it';
/** SEND_MESSAGE_V2, because every series consists of sends. */
const sendCode = 310;

/** As `ask`, for a series. @throws after all requests are answered, or the signal aborts */
export async function askSeries(
  client: SeriesClient,
  attempt: Attempt,
  series: RequestSeries,
  { signal }: Io,
): Promise<void> {
  try {
    await client.askSeries(attempt.address, series, { signal });
  } catch (cause) {
    if (signal.aborted && cause === signal.reason) throw cause;
    if (!(cause instanceof NoAnswer)) throw toAskError(cause, attempt, sendCode);
    const { action, address } = attempt;
    throw new AppError('broker-unreachable', `cannot ${action} on ${address}: ${cause.message}`, { cause });
  }
}

/** Requests started within half a second share a timer, because thousands are pending at once. */
const grainMs = 500;
const limits = new Map<number, { signal: AbortSignal; since: number }>();

function limitOf(within: Seconds): AbortSignal {
  const now = performance.now();
  const known = limits.get(within);
  if (known !== undefined && now - known.since < grainMs) return known.signal;
  const signal = AbortSignal.timeout(within * 1000 + grainMs);
  limits.set(within, { signal, since: now });
  return signal;
}

export interface NameServers {
  cluster: string;
  client: RemotingClient;
  namesrv: readonly string[];
}

/** Timeout for a name server, which answers from memory, so that a hanging one leaves time; the last has no limit. */
const within = seconds(2);

/** @throws AppError broker-unreachable that names all tried servers */
export async function askNameServers<Answer>(
  { cluster, client, namesrv }: NameServers,
  action: string,
  request: TypedRequest<Answer>,
  io: Io,
): Promise<Answer> {
  const refusals: AppError[] = [];
  for (const address of namesrv) {
    const patience = { ...io, ...(address !== namesrv.at(-1) && { within }) };
    try {
      return await ask(client, { action, address }, forNameServer(request), patience);
    } catch (cause) {
      refusals.push(faultOf(cause, io));
    }
  }
  throw noneAnswered(cluster, refusals);
}

/** Silent name servers by client: for a minute they get a request only if no other answers. */
const silentServers = new WeakMap<RemotingClient, SilentBrokers>();

/** @returns all answers, in the order of config. @throws AppError as askNameServers */
async function askAllNameServers<Answer>(
  { cluster, client, namesrv }: NameServers,
  action: string,
  request: TypedRequest<Answer>,
  io: Io,
): Promise<Answer[]> {
  const refusals = new Map<string, AppError>();
  const silent = silentServers.get(client) ?? createSilentBrokers(systemClock);
  silentServers.set(client, silent);

  async function answersOf(addresses: readonly string[], patience: AskIo): Promise<Answer[]> {
    const answers = await Promise.all(
      addresses.map(async (address): Promise<Answer[]> => {
        const began = systemClock.monotonic();
        try {
          return [await ask(client, { action, address }, forNameServer(request), patience)];
        } catch (cause) {
          refusals.set(address, faultOf(cause, io));
          if (systemClock.monotonic() - began >= within) silent.add(address);
          return [];
        }
      }),
    );
    return answers.flatMap((each) => each);
  }

  // A single name server has no limit.
  const awake = namesrv.length > 1 ? namesrv.filter((address) => !silent.has(address)) : [];
  const answers = await answersOf(awake, { ...io, within });
  if (answers.length > 0) return answers;
  const rest = namesrv.filter((address) => !awake.includes(address) || silent.has(address));
  const late = await answersOf(rest, io);
  if (late.length === 0) throw noneAnswered(cluster, [...refusals.values()]);
  return late;
}

/**
 * Returns the brokers that any name server lists: a restarted one lists only those registered since. @throws AppError
 * as askNameServers
 */
export async function readMembership(nameServers: NameServers, io: Io): Promise<Membership> {
  const action = 'list the brokers';
  const answers = await askAllNameServers(nameServers, action, encodeGetClusterInfo(), io);
  return membershipOf([{ address: '', isFresh: true, listed: answers.flat() }]);
}

/** @returns the merged route; undefined if none has the topic. @throws AppError as askNameServers */
export async function readMergedRoute(nameServers: NameServers, topic: string, io: Io): Promise<Route | undefined> {
  const action = `read the route of ${topic}`;
  const answers = await askAllNameServers(nameServers, action, encodeGetRoute({ topic }), io);
  const routes = answers.filter((route) => route !== undefined).toReversed();
  if (routes.length === 0) return undefined;
  return {
    queues: lastOfEach(routes.flatMap(({ queues }) => queues)),
    brokers: lastOfEach(routes.flatMap(({ brokers }) => brokers)),
    ...(routes.some(({ isStatic }) => isStatic) && { isStatic: true as const }),
  };
}

/** If two name servers list a broker, the one named first in config counts. */
const lastOfEach = <Row extends { brokerName: string }>(rows: readonly Row[]): Row[] => [
  ...new Map(rows.map((row) => [row.brokerName, row])).values(),
];

/** Returns and throws as readMergedRoute. */
export const readQueues = async (
  nameServers: NameServers,
  topic: string,
  io: Io,
): Promise<Route['queues'] | undefined> => (await readMergedRoute(nameServers, topic, io))?.queues;

function noneAnswered(cluster: string, refusals: readonly AppError[]): AppError {
  const [first] = refusals;
  // A refusal is more informative than a missing answer.
  const telling =
    refusals.find(({ code }) => code !== 'broker-unreachable') ?? (refusals.length === 1 ? first : undefined);
  if (telling !== undefined) return telling;
  const tried = refusals.map(({ message }) => message).join('; ');
  return new AppError('broker-unreachable', `cannot reach any name server of cluster ${cluster}: ${tried}`, {
    cause: first,
  });
}

const notSupported = 3;

/** Brokers refuse requests that only name servers answer: the parser then throws AppError broker-refused. */
export const forNameServer = <Answer>(request: TypedRequest<Answer>): TypedRequest<Answer> => ({
  ...request,
  parse: (response) => request.parse(fromNameServer(response)),
});

function fromNameServer(response: Response): Response {
  if (response.code !== notSupported) return response;
  throw new AppError('broker-refused', 'a RocketMQ broker listens on this port, not a name server', {
    hint: 'clusters.<name>.namesrv needs the addresses of name servers (default port 9876)',
  });
}

/** @throws AppError broker-refused if the message was stored less durably than the broker is configured */
export function checkStored({ kind }: Pick<SendReceipt, 'kind'>, { action, address }: Attempt, acks: Acks): void {
  if (kind === 'stored' || acks !== 'all') return;
  throw new AppError(
    'broker-refused',
    `cannot ${action} on ${address} with acks all: stored there, but ${reasons[kind]}`,
  );
}

/** @returns the error for an answer that is not good */
export function whyNotStored(response: Response, attempt: Attempt, acks: Acks): unknown {
  try {
    checkStored(parseSendReceipt(response), attempt, acks);
  } catch (cause) {
    return cause;
  }
  return new AppError('answer-unreadable', `code ${response.code} does not show whether the message was stored`);
}

/** Hint for a topic that a broker accepts no messages for. */
export const closedTopicHint = (topic: string): string =>
  `\`plimsoll get routes ${topic}\` shows why no queue is writable; for a read-only topic: \`plimsoll ops rocketmq alter-topic --topic ${topic} --permission read-write\``;

const reasons = {
  'flush-disk-timeout': 'it was not flushed to disk in time (FLUSH_DISK_TIMEOUT)',
  'slave-not-available': 'no slave is available (SLAVE_NOT_AVAILABLE)',
  'flush-slave-timeout': 'it was not replicated to the slave in time (FLUSH_SLAVE_TIMEOUT)',
} as const;
