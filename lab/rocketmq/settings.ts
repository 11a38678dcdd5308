// Renders settings of name servers, brokers and proxy, sized for three brokers on a laptop.

import { renderProperties } from '../java-properties.ts';
import type { LabNode } from '../planned-lab.ts';
import type { RocketmqMode } from './mode.ts';
import type { RocketmqRelease } from './release.ts';

export const clusterName = 'lab';

export interface NameServerNode extends LabNode {
  /** Port of the controller inside it, in the mode that has one. */
  controllerPort: number;
}

/** Uses the port above its port for replication, and the port two below for administration. */
export interface RocketmqNode extends LabNode {
  /** `broker-a`: brokers with the same name have the same queues. */
  brokerName: string;
  /** Index among the brokers of its name; 0 is the master unless brokers elect one. */
  place: number;
  dledgerPort: number;
}

export interface RocketmqCluster {
  release: RocketmqRelease;
  mode: RocketmqMode;
  nameServers: readonly NameServerNode[];
  brokers: readonly RocketmqNode[];
}

export const addressesOf = (nodes: readonly { host: string; port: number }[]) =>
  nodes.map(({ host, port }) => `${host}:${port}`);

export function renderNameServer({ release, mode, nameServers }: RocketmqCluster, node: NameServerNode): string {
  return renderProperties({
    listenPort: String(node.port),
    ...(release.generation === 5 && { bindAddress: node.host, scanNotActiveBrokerInterval: '1000' }),
    ...(mode === 'acting-master' && { supportActingMaster: 'true' }),
    ...(mode === 'controller' && {
      enableControllerInNamesrv: 'true',
      controllerDLegerGroup: 'lab-controller',
      controllerDLegerPeers: controllerPeers(nameServers),
      controllerDLegerSelfId: `n${nameServers.indexOf(node)}`,
      controllerStorePath: node.dataDirectory,
    }),
  });
}

const controllerPeers = (nameServers: readonly NameServerNode[]) =>
  nameServers.map(({ host, controllerPort }, index) => `n${index}-${host}:${controllerPort}`).join(';');

/** @param extra properties that override the lab's; later ones override earlier ones */
export function renderBroker(
  cluster: RocketmqCluster,
  node: RocketmqNode,
  ...extra: readonly Readonly<Record<string, string>>[]
): string {
  const { release, nameServers } = cluster;
  return renderProperties({
    brokerClusterName: clusterName,
    brokerName: node.brokerName,
    namesrvAddr: addressesOf(nameServers).join(';'),
    listenPort: String(node.port),
    // 4.9 always listens on every address of the machine.
    ...(release.generation === 5 && { bindAddress: node.host }),
    brokerIP1: node.host,
    brokerIP2: node.host,
    storePathRootDir: node.dataDirectory,
    storePathCommitLog: `${node.dataDirectory}/commitlog`,
    mappedFileSizeCommitLog: String(64 * 2 ** 20),
    mappedFileSizeConsumeQueue: '60000',
    maxHashSlotNum: '50000',
    maxIndexNum: '200000',
    autoCreateTopicEnable: 'false',
    // Each flush compares the whole timer wheel, 38 MB: at the default of once per second, this is most of the CPU use
    // of an idle broker.
    ...(release.generation === 5 && { timerFlushIntervalMs: '30000' }),
    // The lab uses a developer's disk: at 75%, a broker would delete expired messages at any hour.
    diskMaxUsedSpaceRatio: '95',
    ...replication(cluster, node),
    ...Object.assign({}, ...extra),
  });
}

function replication(
  { release, mode, nameServers, brokers }: RocketmqCluster,
  node: RocketmqNode,
): Record<string, string> {
  const siblings = brokers.filter(({ brokerName }) => brokerName === node.brokerName);
  const brokerId = String(node.place);
  const master = { brokerId, brokerRole: 'ASYNC_MASTER' };
  const masterFirst = node.place === 0 ? master : { brokerId, brokerRole: 'SLAVE' };
  return {
    single: master,
    'two-masters': master,
    proxy: master,
    'master-slave': masterFirst,
    'two-masters-two-slaves': masterFirst,
    'master-slave-sync': {
      brokerId,
      brokerRole: node.place === 0 ? 'SYNC_MASTER' : 'SLAVE',
      // 5.x includes the master, and by default requires only the master.
      ...(release.generation === 5 && { inSyncReplicas: '2' }),
    },
    dledger: {
      enableDLegerCommitLog: 'true',
      dLegerGroup: node.brokerName,
      dLegerPeers: siblings.map(({ place, host, dledgerPort }) => `n${place}-${host}:${dledgerPort}`).join(';'),
      dLegerSelfId: `n${node.place}`,
    },
    'acting-master': { ...masterFirst, enableSlaveActingMaster: 'true', enableRemoteEscape: 'true' },
    controller: {
      enableControllerMode: 'true',
      brokerRole: 'SLAVE',
      controllerAddr: nameServers.map(({ host, controllerPort }) => `${host}:${controllerPort}`).join(';'),
    },
  }[mode];
}

export function renderProxy(
  proxy: { host: string; grpcPort: number; remotingPort: number },
  nameServers: readonly NameServerNode[],
  access: Readonly<Record<string, string | boolean>>,
): string {
  const settings = {
    rocketMQClusterName: clusterName,
    proxyMode: 'CLUSTER',
    namesrvAddr: addressesOf(nameServers).join(';'),
    localServeAddr: proxy.host,
    grpcServerPort: proxy.grpcPort,
    remotingListenPort: proxy.remotingPort,
    ...access,
  };
  return `${JSON.stringify(settings, undefined, 2)}\n`;
}
