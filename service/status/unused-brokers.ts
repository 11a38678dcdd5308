// Finds running brokers that receive no messages: closed to producers, or without replicas.

import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import type { ClusterTraffic } from '../clusters/traffic.ts';

type BrokerRates = ClusterTraffic['brokers'];

/** @returns Kafka brokers by id, RocketMQ groups by broker name */
export function unusedBrokers(snapshot: ClusterSnapshot, rates: BrokerRates = new Map()): ReadonlySet<string> {
  const { copies } = traitsOf(snapshot.cluster.kind);
  return copies === 'any-broker' ? withoutReplicas(snapshot, rates) : closedGroups(snapshot);
}

function withoutReplicas({ cluster, topics }: ClusterSnapshot, rates: BrokerRates): ReadonlySet<string> {
  // Hidden topics are missing in the snapshot, but count in the rates.
  const isIdle = (id: string) => (rates.get(id)?.produceTps ?? 0) === 0;
  const empty = new Set(cluster.brokers.map(({ id }) => id).filter(isIdle));
  for (const { partitions } of topics) {
    for (const { replicas } of partitions) for (const id of replicas) empty.delete(id);
    if (empty.size === 0) break;
  }
  // If no topics were read, nothing is known.
  return topics.length === 0 ? new Set() : empty;
}

/** Bits of PermName: 4 read, 2 write. */
const writeBit = 2;

/** Uses `brokerPermission`, or the permission of each topic. A broker without topics is new and counts as open. */
function closedGroups({ rocketmq }: ClusterSnapshot): ReadonlySet<string> {
  const { brokers = [], topics = [] } = rocketmq ?? {};
  const permissions = brokers.flatMap(({ brokerName, role, config }) => {
    const permission = role === 'slave' ? undefined : config?.get('brokerPermission');
    return permission === undefined ? [] : [{ brokerName, isOpen: (Number(permission) & writeBit) !== 0 }];
  });
  // Retry topics stay open, because consumers write to them.
  const routes = topics.flatMap((topic) => (topic.kind === 'normal' ? topic.routes : []));
  const writable = new Set(
    routes.flatMap(({ brokerName, permission, writeQueues }) =>
      permission.includes('w') && writeQueues > 0 ? [brokerName] : [],
    ),
  );
  return new Set([
    ...permissions.flatMap(({ brokerName, isOpen }) => (isOpen ? [] : [brokerName])),
    ...routes.flatMap(({ brokerName }) => (writable.has(brokerName) ? [] : [brokerName])),
  ]);
}
