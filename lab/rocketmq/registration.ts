// Waits until every name server knows every broker and its master; registration can take 10 s.

import { RocketmqClusterConfig } from '../../brokers/rocketmq/config.ts';
import type { RemotingClient } from '../../brokers/rocketmq/protocol/frame.ts';
import { encodeGetClusterInfo, parseGetClusterInfo } from '../../brokers/rocketmq/protocol/name-server-requests.ts';
import { createRemotingClient } from '../../brokers/rocketmq/protocol/remoting-client.ts';
import { rocketmq } from '../../core/broker-kind/rocketmq.ts';
import { seconds } from '../../core/clock.ts';
import { answerInside, askInside, untilNothingLacks, type AskIo } from '../ask-inside.ts';

/** An election of three members took 11 s on two dedicated cores. */
const patience = seconds(180);
const pause = seconds(0.2);

/** Ids such as `broker-a:0`, by address. */
type RegisteredIds = ReadonlyMap<string, string>;

interface Expected {
  nameServers: readonly string[];
  brokers: readonly string[];
  /** File of the authority, if name servers use TLS. */
  ca?: string;
}

/**
 * @param namespace namespace in which the name servers are reachable; absent: the current one
 * @returns the id of each broker by its address.
 * @throws AppError lab-failed
 */
export async function waitUntilRegistered(expected: Expected, io: AskIo, namespace?: string): Promise<RegisteredIds> {
  if (namespace === undefined) return askAll(expected, io);
  return new Map(JSON.parse(await askInside(namespace, import.meta.url, expected, io)) as [string, string][]);
}

async function askAll({ nameServers, brokers, ca }: Expected, io: AskIo): Promise<RegisteredIds> {
  const { clock, signal } = io;
  const config = RocketmqClusterConfig.parse({
    broker: 'rocketmq',
    namesrv: nameServers,
    ...(ca !== undefined && { tls: { ca } }),
  });
  await using client = createRemotingClient({ name: 'lab', config, clock });
  let registered: RegisteredIds = new Map();
  await untilNothingLacks(nameServers, { patience, pause }, io, async (nameServer) => {
    registered = await idsKnownTo(client, nameServer, signal);
    if (isWhole(registered, brokers)) return undefined;
    const known = [...registered].map(([address, id]) => `${id} at ${address}`).join(', ') || 'none';
    return `after ${patience} s name server ${nameServer} knows these of ${brokers.length} brokers: ${known}`;
  });
  return registered;
}

/** True if all brokers are registered, and every broker name has its master. */
function isWhole(registered: RegisteredIds, brokers: readonly string[]): boolean {
  const ids = brokers.map((address) => registered.get(address));
  const names = ids.map((id) => id && rocketmq.brokerId.group(id));
  return !ids.includes(undefined) && names.every((name) => ids.includes(`${name}:0`));
}

async function idsKnownTo(client: RemotingClient, nameServer: string, signal: AbortSignal): Promise<RegisteredIds> {
  const answer = await client.ask(nameServer, encodeGetClusterInfo(), { signal });
  return new Map(
    parseGetClusterInfo(answer).flatMap(({ brokerName, addresses }) =>
      [...addresses].map(([id, address]) => [address, `${brokerName}:${id}`] as const),
    ),
  );
}

if (import.meta.main) {
  await answerInside(async (asked, io) => JSON.stringify([...(await askAll(asked as Expected, io))]));
}
