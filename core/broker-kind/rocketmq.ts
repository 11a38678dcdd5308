// Describes RocketMQ: a master has its own slaves, which copy its one commit log for all topics.

import type { BrokerTraits } from './traits.ts';

export const rocketmq = {
  displayName: 'RocketMQ',
  terms: {
    leader: 'master',
    partitions: 'queues',
    largestMessage: 'maxMessageSize',
    settingsFile: 'broker.conf',
  },
  // Many clusters are called DefaultCluster.
  discovery: { key: 'namesrv', of: 'name-servers', hasUniqueClusterId: false },
  copies: 'own-group',
  // brokerName:brokerId, where the master has the id 0.
  brokerId: { group: (id) => id.replace(/:\d+$/, ''), canLead: (id) => !/:[1-9]\d*$/.test(id) },
  moves: ['queues'],
  partitionNumbersPer: 'broker',
  commitsAt: 'own-broker',
  mustStopToMoveOffsets: false,
  retentionPer: 'broker',
  hasRecordBatches: false,
  storesAside: true,
  // Closing a topic to writes is no substitute: it refuses every message.
  hasQuotas: false,
  clients: { producers: true, groupVersions: true },
  internals: {
    part: 'runtime-figures',
    sourceOf: (broker) => `runtime information of broker ${broker}`,
    figures: ['sendQueueRequests', 'sendQueueWaitSeconds', 'pageCacheLockSeconds'],
  },
  memory: {
    // bin/runbroker.sh
    usualHeapBytes: 8 * 2 ** 30,
    leastMemoryOverHeap: 3,
    // MessageStoreConfig: accessMessageInMemoryMaxRatio, of all memory. Consumers that are further behind are sent to a slave.
    residentShare: 0.4,
  },
  // DefaultMessageStore: diskSpaceCleanForciblyRatio.
  deletesBeyondShare: 0.85,
  failover: {
    // A public course on RocketMQ states ten to some tens of seconds for a DLedger group.
    electionSeconds: 30,
    // A group elects as it does after a crash.
    handoverSeconds: 30,
    // sendMsgTimeout of the producer.
    holdSeconds: 3,
  },
  bytes: {
    // Entries of commit log and consume queue.
    storedOverhead: 120,
    // Header and frame, 91 to 95 bytes.
    sentOverhead: 95,
  },
} as const satisfies BrokerTraits;

/** As snapshots and the config name a master, or the leader of a DLedger group. */
export const masterId = (brokerName: string) => `${brokerName}:0`;

/** @returns ids without slaves: other tools name brokers of Kafka like them, such as host:7071, but none of those is host:0 */
export function withoutSlaves(ids: readonly string[]): string[] {
  const { canLead, group } = rocketmq.brokerId;
  const known = new Set(ids);
  return ids.filter((id) => canLead(id) || !known.has(masterId(group(id))));
}

/** Most brokers of one group, the master included. */
export function mostCopies(brokers: readonly { id: string }[]): number {
  const groups = Map.groupBy(brokers, ({ id }) => rocketmq.brokerId.group(id));
  return Math.max(1, ...groups.values().map(({ length }) => length));
}
