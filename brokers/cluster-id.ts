// Compares a cluster's id with the configured one, so that no change is made to the wrong cluster.

import { z } from 'zod';
import type { ByKind } from '../core/broker-kind/registry.ts';
import { rocketmq } from '../core/broker-kind/rocketmq.ts';
import type { Cluster } from '../core/cluster.ts';

export const KafkaClusterId = z
  .string()
  .min(1)
  .max(200)
  .describe('cluster id in the metadata of the brokers; load tests and `--execute` compare it before they start');

export const RocketmqClusterId = z
  .strictObject({
    name: z.string().min(1).max(255).describe('brokerClusterName; with several clusters, all names joined by +'),
    brokers: z
      .array(z.string().regex(/^[^@\s]+@\S+:\d+$/, 'expected brokerName@host:port'))
      .min(1)
      .describe('known brokers as brokerName@host:port; at least one of them must still be registered'),
  })
  .describe(
    'identity of the cluster, since many are called DefaultCluster; load tests and `--execute` compare it before they start',
  );

export type RocketmqClusterId = z.infer<typeof RocketmqClusterId>;

/** Kafka clusters have an id. The name of a RocketMQ cluster is seldom unique, so known brokers are added to it. */
export type ClusterId = string | RocketmqClusterId;

/** Enough brokers to recognize the cluster after some are lost, in a line that stays readable. */
const mostKnown = 8;

const idOf: ByKind<(id: string, brokers: Cluster['brokers']) => ClusterId | undefined> = {
  kafka: (id) => id,
  rocketmq: (name, brokers) => (brokers.length === 0 ? undefined : { name, brokers: knownBrokers(brokers) }),
};

/** @returns undefined when the cluster has no id, or no broker is registered */
export const clusterIdOf = ({ kind, clusterId, brokers }: Cluster): ClusterId | undefined =>
  clusterId === undefined ? undefined : idOf[kind](clusterId, brokers);

/** Lists masters first, because their addresses seldom change. */
function knownBrokers(brokers: Cluster['brokers']): string[] {
  const { canLead: isMaster } = rocketmq.brokerId;
  return brokers
    .toSorted((one, other) => Number(isMaster(other.id)) - Number(isMaster(one.id)))
    .slice(0, mostKnown)
    .map(({ id, address }) => `${rocketmq.brokerId.group(id)}@${address}`);
}

/**
 * Accepts a RocketMQ broker in any role, because the known master may be a slave after a failover. Name servers of
 * several clusters do not list clusters that are down.
 */
export function isSameCluster(configured: ClusterId, live: Pick<Cluster, 'clusterId' | 'brokers'>): boolean {
  if (typeof configured === 'string') return configured === live.clusterId;
  const registered = new Set(live.brokers.map(({ id, address }) => `${rocketmq.brokerId.group(id)}@${address}`));
  const isListed = clusterNamesIn(live.clusterId).isSubsetOf(clusterNamesIn(configured.name));
  return isListed && configured.brokers.some((broker) => registered.has(broker));
}

/** Whether the cluster is down and only others are listed. A known name at another address is a different cluster. */
export function isDownBeside(configured: ClusterId, live: Pick<Cluster, 'clusterId' | 'brokers'>): boolean {
  if (typeof configured === 'string') return false;
  const [all, listed] = [clusterNamesIn(configured.name), clusterNamesIn(live.clusterId)];
  const known = new Set(configured.brokers.map((broker) => broker.slice(0, broker.indexOf('@'))));
  const isPart = listed.size < all.size && listed.isSubsetOf(all);
  return isPart && !live.brokers.some(({ id }) => known.has(rocketmq.brokerId.group(id)));
}

/** Splits the names of several RocketMQ clusters, which their name servers list as one. An id of Kafka has no +. */
export const clusterNamesIn = (id: string | undefined): ReadonlySet<string> => new Set(id?.split('+'));

export function clusterIdText(id: ClusterId): string {
  return typeof id === 'string' ? id : `${id.name} (${id.brokers.join(', ')})`;
}

/** Formats the line for the cluster's entry in plimsoll.yaml. */
export function clusterIdLine(id: ClusterId): string {
  if (typeof id === 'string') return `clusterId: ${JSON.stringify(id)}`;
  return `clusterId: { name: ${JSON.stringify(id.name)}, brokers: ${brokersYaml(id.brokers)} }`;
}

export const brokersYaml = (brokers: readonly string[]): string =>
  `[${brokers.map((broker) => JSON.stringify(broker)).join(', ')}]`;

/** Returns the text that a user types to confirm a change; it comes from the brokers, or was compared with them. */
export const confirmationText = (id: ClusterId): string => (typeof id === 'string' ? id : id.name);
