// Lists the masters and slaves of each broker group from the name servers.

import { AppError } from '../../core/errors.ts';
import type { Io } from '../driver.ts';
import type { RocketmqClusterConfig } from './config.ts';
import { encodeGetClusterInfo, parseGetClusterInfo } from './protocol/get-cluster-info.ts';
import { createRemotingClient } from './protocol/remoting-client.ts';
import { askNameServers, type NameServers } from './name-servers.ts';

export interface Member {
  brokerName: string;
  address: string;
}

/** By broker name. @throws AppError broker-unreachable when no name server answers, or a group has no master now */
export async function mastersOf(nameServers: NameServers, io: Io): Promise<Member[]> {
  const action = 'list the brokers';
  const listed = await askNameServers(nameServers, action, encodeGetClusterInfo(), parseGetClusterInfo, io);
  const groups = listed.toSorted((a, b) => (a.brokerName < b.brokerName ? -1 : 1));
  return groups.map(({ brokerName, addresses }) => {
    const address = addresses.get(0);
    if (address !== undefined) return { brokerName, address };
    throw new AppError(
      'broker-unreachable',
      `broker group ${brokerName} of cluster ${nameServers.cluster} has no master now`,
      {
        hint: 'changes of the cluster wait for a master: start it, or let a slave be elected',
      },
    );
  });
}

/** Every other member of the groups, slaves and followers alike. @throws AppError broker-unreachable when no name server answers */
export async function slavesOf(nameServers: NameServers, io: Io): Promise<Member[]> {
  const action = 'list the brokers';
  const listed = await askNameServers(nameServers, action, encodeGetClusterInfo(), parseGetClusterInfo, io);
  return listed.flatMap(({ brokerName, addresses }) =>
    [...addresses].flatMap(([id, address]) => (id === 0 ? [] : [{ brokerName, address }])),
  );
}

/** Asked once, so that a wrong address shows at once. @returns the client, for the caller to close. @throws AppError as mastersOf */
export async function connectNameServers(name: string, config: RocketmqClusterConfig, io: Io): Promise<NameServers> {
  const client = createRemotingClient({ name, config });
  const nameServers = { cluster: name, client, namesrv: config.namesrv };
  try {
    await mastersOf(nameServers, io);
  } catch (cause) {
    await client[Symbol.asyncDispose]();
    throw cause;
  }
  return nameServers;
}
