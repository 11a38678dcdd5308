// Renders broker and ZooKeeper properties for the lab, sized for three nodes on a laptop.

import { renderProperties } from '../java-properties.ts';
import type { LabNode } from '../planned-lab.ts';
import type { KafkaRelease } from './release.ts';

export interface BrokerNode extends LabNode {
  id: number;
  controllerPort: number;
}

export type ZooKeeperNode = Omit<LabNode, 'name'>;

/** A controller quorum of three survives the loss of one; further nodes are brokers only. */
const mostVoters = 3;

/** Lists to which a caller's values are added; other properties replace the lab's. */
const listKeys = new Set(['listeners', 'advertised.listeners', 'listener.security.protocol.map']);

/**
 * @param zooKeeper metadata store for releases without KRaft
 * @param extra properties that override the lab's; listeners are added; `{id}` is replaced by the broker's id, so that
 * each can have a different advertised address
 */
export function renderServerProperties(
  release: KafkaRelease,
  node: BrokerNode,
  cluster: { brokers: readonly BrokerNode[]; zooKeeper?: ZooKeeperNode },
  ...extra: readonly Readonly<Record<string, string>>[]
): string {
  const isKraft = release.quorum === 'kraft';
  const voters = cluster.brokers.slice(0, mostVoters);
  const listeners = [`PLAINTEXT://${node.host}:${node.port}`];
  if (isKraft && voters.some(({ id }) => id === node.id))
    listeners.push(`CONTROLLER://${node.host}:${node.controllerPort}`);
  const replicas = String(voters.length);
  const properties: Record<string, string> = {
    ...(isKraft ? kraft(node, voters) : zooKeeperClient(node, cluster.zooKeeper)),
    listeners: listeners.join(','),
    'listener.security.protocol.map': `PLAINTEXT:PLAINTEXT${isKraft ? ',CONTROLLER:PLAINTEXT' : ''}`,
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': node.dataDirectory,
    'num.network.threads': '2',
    'num.io.threads': '2',
    'offsets.topic.num.partitions': '1',
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.num.partitions': '1',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.num.partitions': '1',
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': '1',
    'log.cleaner.dedupe.buffer.size': String(4 * 2 ** 20),
    'group.initial.rebalance.delay.ms': '0',
    'auto.create.topics.enable': 'false',
  };
  // By default Kafka advertises its listeners; with a setting, only those listed.
  if (extra.some((more) => more['advertised.listeners'] !== undefined)) {
    properties['advertised.listeners'] = `PLAINTEXT://${node.host}:${node.port}`;
  }
  for (const [key, template] of extra.flatMap((more) => Object.entries(more))) {
    const value = template.replaceAll('{id}', String(node.id));
    properties[key] = listKeys.has(key) && properties[key] !== undefined ? `${properties[key]},${value}` : value;
  }
  return renderProperties(properties);
}

export function renderZooKeeperProperties(node: ZooKeeperNode): string {
  return renderProperties({
    dataDir: node.dataDirectory,
    clientPortAddress: node.host,
    clientPort: String(node.port),
    'admin.enableServer': 'false',
    // Commands used by monitoring.
    '4lw.commands.whitelist': 'mntr,srvr,ruok,stat,cons,conf',
    // Three brokers on one machine share an address.
    maxClientCnxns: '0',
  });
}

function kraft(node: BrokerNode, voters: readonly BrokerNode[]): Record<string, string> {
  return {
    'process.roles': voters.some(({ id }) => id === node.id) ? 'broker,controller' : 'broker',
    'node.id': String(node.id),
    'controller.quorum.voters': voters.map((voter) => `${voter.id}@${voter.host}:${voter.controllerPort}`).join(','),
    'controller.listener.names': 'CONTROLLER',
  };
}

function zooKeeperClient(node: BrokerNode, zooKeeper: ZooKeeperNode | undefined): Record<string, string> {
  return {
    'broker.id': String(node.id),
    ...(zooKeeper && { 'zookeeper.connect': `${zooKeeper.host}:${zooKeeper.port}` }),
  };
}
