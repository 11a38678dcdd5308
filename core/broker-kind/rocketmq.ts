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
  // The default name DefaultCluster is common, so it identifies no cluster.
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
  // Closing a topic to writes does not replace quotas, because it rejects every message.
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
    // MessageStoreConfig: accessMessageInMemoryMaxRatio, of all memory. Consumers with more lag are redirected to a slave.
    residentShare: 0.4,
  },
  // DefaultMessageStore: diskSpaceCleanForciblyRatio.
  deletesBeyondShare: 0.85,
  failover: {
    // A public course on RocketMQ states 10 s to several tens of seconds for a DLedger group.
    electionSeconds: 30,
    // A group needs the same election as after a crash.
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

/** Id of a master, or of the leader of a DLedger group, in snapshots and config. */
export const masterId = (brokerName: string) => `${brokerName}:0`;

/** @returns ids except those of slaves. Other tools give Kafka brokers similar ids, such as host:7071, but never host:0 */
export function withoutSlaves(ids: readonly string[]): string[] {
  const { canLead, group } = rocketmq.brokerId;
  const known = new Set(ids);
  return ids.filter((id) => canLead(id) || !known.has(masterId(group(id))));
}

/** Returns the largest number of brokers in a group, including the master. */
export function mostCopies(brokers: readonly { id: string }[]): number {
  const groups = Map.groupBy(brokers, ({ id }) => rocketmq.brokerId.group(id));
  return Math.max(1, ...groups.values().map(({ length }) => length));
}
