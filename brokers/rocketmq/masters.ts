// Lists the masters and slaves of each broker group from the name servers.

import { AppError } from '../../core/errors.ts';
import type { Io } from '../driver.ts';
import type { RocketmqClusterConfig } from './config.ts';
import { createRemotingClient } from './protocol/remoting-client.ts';
import { type NameServers, readMembership } from './name-servers.ts';

export interface Member {
  brokerName: string;
  address: string;
}

/**
 * Returns the current masters by broker name. Name servers may list groups of other clusters too, and a group may have
 * lost its master: only groups in `changed` must have one.
 *
 * @param changed names of the broker groups that the change must include
 * @throws AppError broker-unreachable when no name server answers, one of `changed` has no master now, or no group has one
 */
export async function mastersOf(
  nameServers: NameServers,
  io: Io,
  changed: ReadonlySet<string> = new Set(),
): Promise<Member[]> {
  const { members } = await readMembership(nameServers, io);
  const masters = members.filter(({ brokerId }) => brokerId === 0);
  const { cluster } = nameServers;
  if (masters.length === 0) throw noMaster(`no broker group of cluster ${cluster} has a master now`);
  const [without] = changed.difference(new Set(masters.map(({ brokerName }) => brokerName)));
  if (without !== undefined) throw noMaster(`broker group ${without} of cluster ${cluster} has no master now`);
  return masters.toSorted((a, b) => (a.brokerName < b.brokerName ? -1 : 1));
}

/** Returns the names of all groups. @throws AppError broker-unreachable when no name server answers */
export const brokerGroups = async (nameServers: NameServers, io: Io): Promise<Set<string>> =>
  new Set((await readMembership(nameServers, io)).byName.keys());

const noMaster = (message: string) =>
  new AppError('broker-unreachable', message, {
    hint: 'changes of the cluster wait for a master: start it, or let a slave be elected',
  });

/**
 * Returns all other members of the groups: slaves and followers. @throws AppError broker-unreachable when no name
 * server answers
 */
export async function slavesOf(nameServers: NameServers, io: Io): Promise<Member[]> {
  return (await readMembership(nameServers, io)).members.filter(({ brokerId }) => brokerId !== 0);
}

/**
 * Sends one request, so that a wrong address fails early. @returns the client, which the caller closes. @throws
 * AppError broker-unreachable when no name server answers
 */
export async function connectNameServers(name: string, config: RocketmqClusterConfig, io: Io): Promise<NameServers> {
  const client = createRemotingClient({ name, config });
  const nameServers = { cluster: name, client, namesrv: config.namesrv };
  try {
    await readMembership(nameServers, io);
  } catch (cause) {
    await client[Symbol.asyncDispose]();
    throw cause;
  }
  return nameServers;
}
