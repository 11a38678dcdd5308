// Which nodes, addresses and names will a Kafka lab have? Decided and written down before anything is started.

import { dataFolder } from '../broker-jvm.ts';
import { freePorts } from '../free-port.ts';
import { generatorHost } from '../lab-config.ts';
import { newLabState, type LabState } from '../lab-state.ts';
import type { LabSite } from '../planned-lab.ts';
import { addressOf, planNetwork, type ShapedNetwork } from '../shaped-network.ts';
import type { KafkaRelease } from './release.ts';
import type { BrokerNode, ZooKeeperNode } from './server-properties.ts';

export interface KafkaLabRequest extends LabSite {
  product: 'kafka';
  brokers: 1 | 3;
}

export interface KafkaPlan {
  state: LabState;
  nodes: readonly BrokerNode[];
  zooKeeper?: ZooKeeperNode;
  network?: ShapedNetwork;
}

export async function planKafkaNodes(
  { brokers, nic, directory }: KafkaLabRequest,
  release: KafkaRelease,
): Promise<KafkaPlan> {
  const state = newLabState('kafka', release.version);
  const names = Array.from({ length: brokers }, (_, index) => `broker-${index + 1}`);
  const network = nic === undefined ? undefined : planNetwork(state.id, [generatorHost, ...names], nic);
  const ports = network ? undefined : await freePorts(2 * brokers + 1);
  const nodes = names.map((name, index) => ({
    id: index + 1,
    name,
    host: addressOf(network, name),
    port: ports?.[2 * index] ?? 9092,
    controllerPort: ports?.[2 * index + 1] ?? 9093,
    dataDirectory: dataFolder(directory, name),
  }));
  const zooKeeper = {
    host: nodes[0]?.host ?? '127.0.0.1',
    port: ports?.at(-1) ?? 2181,
    dataDirectory: dataFolder(directory, 'zookeeper'),
  };
  state.brokers = nodes.map(({ id, name, host, port }) => ({ id: String(id), name, address: `${host}:${port}` }));
  return {
    state,
    nodes,
    ...(release.quorum === 'zookeeper' && { zooKeeper }),
    ...(network && { network }),
  };
}
