// Sends a request to the name servers in turn until one answers, or to all of them.

import { seconds, systemClock } from '../../core/clock.ts';
import { AppError, faultOf } from '../../core/errors.ts';
import type { Io } from '../driver.ts';
import type { RemotingClient, Response, TypedRequest } from './protocol/frame.ts';
import { createSilentBrokers, type SilentBrokers } from '../silent-brokers.ts';
import { type Membership, membershipOf } from './inspect/membership.ts';
import { encodeGetClusterInfo, encodeGetRoute, type Route } from './protocol/name-server-requests.ts';
import { ask, type AskIo } from './ask.ts';

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
