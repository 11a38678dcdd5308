// Sends a request to the name servers in turn until one answers, or to all of them.

import { systemClock } from '../../core/clock.ts';
import { AppError, faultOf } from '../../core/errors.ts';
import { seconds } from '../../core/units.ts';
import type { Io } from '../driver.ts';
import { createSilentBrokers, type SilentBrokers } from '../silent-brokers.ts';
import { ask } from './ask.ts';
import { membershipOf, type Membership } from './inspect/membership.ts';
import type { RemotingClient, Request, Response } from './protocol/frame.ts';
import { encodeGetClusterInfo, parseGetClusterInfo } from './protocol/get-cluster-info.ts';
import { encodeGetRoute, parseGetRoute, type Route } from './protocol/get-route.ts';

export interface NameServers {
  cluster: string;
  client: RemotingClient;
  namesrv: readonly string[];
}

/** They answer from memory: one that hangs leaves time for the next. The last one has all the time there is. */
const within = seconds(2);

/** @throws AppError broker-unreachable naming all that were tried */
export async function askNameServers<Answer>(
  { cluster, client, namesrv }: NameServers,
  action: string,
  request: Request,
  parse: (response: Response) => Answer,
  io: Io,
): Promise<Answer> {
  const refusals: AppError[] = [];
  for (const address of namesrv) {
    const patience = { ...io, ...(address !== namesrv.at(-1) && { within }) };
    try {
      return await ask(client, { action, address }, request, (response) => parse(fromNameServer(response)), patience);
    } catch (cause) {
      refusals.push(faultOf(cause, io));
    }
  }
  throw noneAnswered(cluster, refusals);
}

/** By client: those that hung get no request for a minute, unless all did. */
const silentServers = new WeakMap<RemotingClient, SilentBrokers>();

/** @returns the answers there are, in the order of config. @throws AppError as askNameServers */
async function askAllNameServers<Answer>(
  { cluster, client, namesrv }: NameServers,
  action: string,
  request: Request,
  parse: (response: Response) => Answer,
  io: Io,
): Promise<Answer[]> {
  const refusals: AppError[] = [];
  const patience = { ...io, ...(namesrv.length > 1 && { within }) };
  const silent = silentServers.get(client) ?? createSilentBrokers(systemClock);
  silentServers.set(client, silent);
  const awake = namesrv.filter((address) => !silent.has(address));
  const chosen = awake.length > 0 ? awake : namesrv;
  const answers = await Promise.all(
    chosen.map(async (address): Promise<Answer[]> => {
      const began = systemClock.monotonic();
      try {
        const parsed = (response: Response) => parse(fromNameServer(response));
        return [await ask(client, { action, address }, request, parsed, patience)];
      } catch (cause) {
        refusals.push(faultOf(cause, io));
        if (systemClock.monotonic() - began >= within) silent.add(address);
        return [];
      }
    }),
  );
  if (refusals.length === chosen.length) throw noneAnswered(cluster, refusals);
  return answers.flatMap((each) => each);
}

/** Brokers that any name server lists: after a restart one lists only those that have registered since. @throws AppError as askNameServers */
export async function readMembership(nameServers: NameServers, io: Io): Promise<Membership> {
  const action = 'list the brokers';
  const answers = await askAllNameServers(nameServers, action, encodeGetClusterInfo(), parseGetClusterInfo, io);
  return membershipOf([{ address: '', isFresh: true, listed: answers.flat() }]);
}

/** @returns those that any name server lists, undefined when none knows the topic. @throws AppError as askNameServers */
export async function readQueues(
  nameServers: NameServers,
  topic: string,
  io: Io,
): Promise<Route['queues'] | undefined> {
  const action = `read the route of ${topic}`;
  const answers = await askAllNameServers(nameServers, action, encodeGetRoute({ topic }), parseGetRoute, io);
  const routes = answers.filter((route) => route !== undefined);
  if (routes.length === 0) return undefined;
  // Where two list a broker, the first one named in config counts.
  const queues = routes.toReversed().flatMap((route) => route.queues);
  return [...new Map(queues.map((each) => [each.brokerName, each])).values()];
}

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

/** Brokers speak the same protocol, and refuse what only name servers answer. @throws AppError broker-refused */
export function fromNameServer(response: Response): Response {
  if (response.code !== notSupported) return response;
  throw new AppError('broker-refused', 'a RocketMQ broker listens on this port, not a name server', {
    hint: 'clusters.<name>.namesrv needs the addresses of name servers (default port 9876)',
  });
}
