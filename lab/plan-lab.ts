// Which nodes, addresses and names will a lab have? Decided and written down before anything is started.

import { randomBytes } from 'node:crypto';
import type { BitsPerSecond } from '../core/units.ts';
import { dataFolder } from './broker-jvm.ts';
import { freePorts } from './free-port.ts';
import type { KafkaRelease } from './kafka-release.ts';
import { generatorHost } from './lab-config.ts';
import type { LabState } from './lab-state.ts';
import type { BrokerNode, ZooKeeperNode } from './server-properties.ts';
import { namespacesOf, planNetwork, type ShapedNetwork } from './shaped-network.ts';
import { identify } from './started-process.ts';
import { tbfSource } from './tbf.ts';

export interface LabRequest {
  version: string;
  brokers: 1 | 3;
  /** Speed of every host's network card, each direction; absent for the plain loopback. */
  nic?: BitsPerSecond;
  /** Broker properties that win over the lab's; listeners are added to the lab's own. */
  properties?: Readonly<Record<string, string>>;
  directory: string;
  cache: string;
}

export interface LabPlan {
  state: LabState;
  nodes: readonly BrokerNode[];
  zooKeeper?: ZooKeeperNode;
  network?: ShapedNetwork;
}

export async function planLab(
  { brokers, nic }: LabRequest,
  release: KafkaRelease,
  directory: string,
): Promise<LabPlan> {
  const id = randomBytes(4).toString('hex');
  const names = Array.from({ length: brokers }, (_, index) => `broker-${index + 1}`);
  const network = nic === undefined ? undefined : planNetwork(id, [generatorHost, ...names], nic);
  const ports = network ? undefined : await freePorts(2 * brokers + 1);
  const nodes = names.map((name, index) => ({
    id: index + 1,
    name,
    host: network?.hosts.find((host) => host.name === name)?.address ?? '127.0.0.1',
    port: ports?.[2 * index] ?? 9092,
    controllerPort: ports?.[2 * index + 1] ?? 9093,
    dataDirectory: dataFolder(directory, name),
  }));
  const zooKeeper = {
    host: nodes[0]?.host ?? '127.0.0.1',
    port: ports?.at(-1) ?? 2181,
    dataDirectory: dataFolder(directory, 'zookeeper'),
  };
  const starter = identify(process.pid);
  return {
    nodes,
    ...(release.quorum === 'zookeeper' && { zooKeeper }),
    ...(network && { network }),
    state: {
      schemaVersion: 1,
      id,
      version: release.version,
      ...(starter && { starter }),
      brokers: nodes.map(({ id: node, name, host, port }) => ({ id: String(node), name, address: `${host}:${port}` })),
      ...(nic !== undefined && { nic: { bitsPerSecond: nic, source: tbfSource } }),
      namespaces: network ? namespacesOf(network) : [],
      processes: [],
    },
  };
}
