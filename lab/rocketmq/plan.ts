// Plans processes, addresses and names of a RocketMQ lab before anything is started.

import { dataFolder } from '../broker-jvm.ts';
import { freePorts } from '../free-port.ts';
import { generatorHost, type LabSite } from '../planned-lab.ts';
import { newLabState } from '../lab-state.ts';
import { addressOf, planNetwork } from '../shaped-network.ts';
import { electsMaster, membersOf, type ModeRequest } from './mode.ts';
import type { RocketmqRelease } from './release.ts';
import { addressesOf } from './settings.ts';

export interface RocketmqLabRequest extends LabSite, ModeRequest {
  product: 'rocketmq';
  /** True if brokers check an access key. */
  acl?: boolean;
}

export type RocketmqPlan = Awaited<ReturnType<typeof planRocketmqNodes>>;

const numbered = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);

export async function planRocketmqNodes(
  { mode, groups, nameServers: nameServerCount, nic, directory }: RocketmqLabRequest,
  release: RocketmqRelease,
) {
  const state = newLabState('rocketmq', release.version);
  const members = membersOf(mode, groups);
  const names = {
    nameServers: numbered('nameserver', nameServerCount),
    brokers: numbered('broker', members.length),
    proxy: mode === 'proxy' ? ['proxy'] : [],
  };
  const hosts = [generatorHost, ...Object.values(names).flat()];
  const network = nic === undefined ? undefined : planNetwork(state.id, hosts, nic);
  const brokerPorts = network ? [] : await freePorts(members.length, [-2, 1]);
  const otherPorts = network ? [] : await freePorts(2 * nameServerCount + members.length + 2);
  const nextPort = (usual: number) => otherPorts.pop() ?? usual;

  const nameServers = names.nameServers.map((name) => ({
    name,
    host: addressOf(network, name),
    port: nextPort(9876),
    controllerPort: nextPort(9878),
    dataDirectory: dataFolder(directory, name),
  }));
  const brokers = members.map((brokerName, index) => {
    const name = names.brokers[index] ?? '';
    return {
      name,
      brokerName,
      place: members.slice(0, index).filter((earlier) => earlier === brokerName).length,
      host: addressOf(network, name),
      port: brokerPorts[index] ?? 10_911,
      dledgerPort: nextPort(40_911),
      dataDirectory: dataFolder(directory, name),
    };
  });
  const proxy = { host: addressOf(network, 'proxy'), grpcPort: nextPort(8081), remotingPort: nextPort(8080) };

  state.nameServers = addressesOf(nameServers);
  if (mode === 'proxy') {
    state.proxy = { grpc: `${proxy.host}:${proxy.grpcPort}`, remoting: `${proxy.host}:${proxy.remotingPort}` };
  }
  state.brokers = brokers.map(({ name, brokerName, place, host, port }) => ({
    // With elections, no broker has id 0 before the election; members count from 1 there.
    id: `${brokerName}:${electsMaster(mode) ? place + 1 : place}`,
    name,
    address: `${host}:${port}`,
  }));
  return {
    state,
    release,
    mode,
    nameServers,
    brokers,
    ...(mode === 'proxy' && { proxy }),
    ...(network && { network }),
  };
}
