// Computes the age of the offsets that a lag is computed from.

import type { ConsumerLag, PartitionPlace } from '../../core/cluster.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';

export type ReadingAges = ReturnType<typeof readingAges>;

export function readingAges({ sections, unlisted = [], topics, groups }: ClusterSnapshot) {
  const ages = (of: string) =>
    new Map(
      [...sections, ...unlisted]
        .filter(({ section, ageSeconds = 0 }) => section === of && ageSeconds > 0)
        .map(({ broker = '', ageSeconds = 0 }) => [broker, ageSeconds]),
    );
  const [ends, commits] = [ages('offsets'), ages('commits')];
  const ofGroup = new Map(groups.map(({ name, commitsAgeSeconds = 0 }) => [name, commitsAgeSeconds]));

  const holders = new Map<string, string>();
  const keyOf = ({ topic, brokerName = '', partition }: PartitionPlace) => `${topic} ${brokerName} ${partition}`;
  // Skips the lookup in the usual case that nothing is old.
  if (ends.size + commits.size > 0) {
    for (const { partitions } of topics) {
      for (const partition of partitions) {
        // A slave or a lost broker has values of a partition without a leader.
        const holder = partition.leader ?? partition.replicas[0];
        if (holder !== undefined) holders.set(keyOf(partition), holder);
      }
    }
  }
  const ofHolder = (of: ReadonlyMap<string, number>, partition: PartitionPlace) =>
    of.size === 0 ? 0 : (of.get(holders.get(keyOf(partition)) ?? '') ?? 0);

  return {
    /** Seconds since the end of the partition was read. */
    ofEnd: (partition: PartitionPlace) => ofHolder(ends, partition),
    /** Seconds since the older of commit and end was read. */
    ofLag: (group: string, lag: ConsumerLag) =>
      Math.max(
        ofHolder(ends, lag),
        ofGroup.get(group) ?? 0,
        // A RocketMQ queue has its commits on its own broker; a Kafka group has all of them at its coordinator.
        lag.brokerName === undefined ? 0 : ofHolder(commits, lag),
      ),
  };
}
