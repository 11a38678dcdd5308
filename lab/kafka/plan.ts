// Plans nodes, addresses and names of a Kafka lab before anything is started.

import { dataFolder } from '../broker-jvm.ts';
import { freePorts } from '../free-port.ts';
import { generatorHost, type LabSite } from '../planned-lab.ts';
import { newLabState } from '../lab-state.ts';
import { addressOf, planNetwork } from '../shaped-network.ts';
import type { JmxAgentName } from './jmx-agent.ts';
import type { KafkaListener } from './listener.ts';
import type { KafkaRelease } from './release.ts';
import type { BrokerNode } from './server-properties.ts';

export interface KafkaLabRequest extends LabSite {
  product: 'kafka';
  /** With four, the first three are also controllers, and the fourth is a broker only. */
  brokers: 1 | 3 | 4;
  /** Authentication of clients; absent: PLAINTEXT. */
  listener?: KafkaListener;
  /** Agent in each broker that exports its JMX beans over HTTP. */
  jmx?: JmxAgentName;
}

export interface KafkaNode extends BrokerNode {
  /** Port for clients that must authenticate. */
  clientPort: number;
  jmxPort: number;
}

export type KafkaPlan = Awaited<ReturnType<typeof planKafkaNodes>>;

export async function planKafkaNodes({ brokers, nic, listener, directory }: KafkaLabRequest, release: KafkaRelease) {
  const state = newLabState('kafka', release.version);
  const names = Array.from({ length: brokers }, (_, index) => `broker-${index + 1}`);
  const network = nic === undefined ? undefined : planNetwork(state.id, [generatorHost, ...names], nic);
  const ports = network ? [] : await freePorts(4 * brokers + 1);
  const nextPort = (usual: number) => ports.pop() ?? usual;
  const nodes = names.map((name, index) => ({
    id: index + 1,
    name,
    host: addressOf(network, name),
    port: nextPort(9092),
    controllerPort: nextPort(9093),
    clientPort: nextPort(9094),
    jmxPort: nextPort(9404),
    dataDirectory: dataFolder(directory, name),
  }));
  const zooKeeper = {
    host: nodes[0]?.host ?? '127.0.0.1',
    port: nextPort(2181),
    dataDirectory: dataFolder(directory, 'zookeeper'),
  };
  state.brokers = nodes.map(({ id, name, host, port, clientPort }) => ({
    id: String(id),
    name,
    address: `${host}:${listener === undefined ? port : clientPort}`,
  }));
  return {
    state,
    nodes,
    ...(release.quorum === 'zookeeper' && { zooKeeper }),
    ...(network && { network }),
  };
}
