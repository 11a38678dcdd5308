// Simulates Kafka clusters in memory with increasing offsets for the service bench.

import type { ClusterInspector } from '../brokers/driver.ts';
import { lagsOf, type Ends } from '../brokers/kafka/inspect/lags.ts';
import type { ClusterSnapshot } from '../brokers/snapshot.ts';
import type { Clock } from '../core/clock.ts';
import type { PartitionOffsets } from '../core/cluster.ts';

export interface FleetSize {
  clusters: number;
  groups: number;
  /** Partitions in which each group has committed. */
  partitionsPerGroup: number;
  /** Brokers of each cluster; default 3. */
  brokers?: number;
}

const groupsPerTopic = 10;
const answered = { kind: 'fresh', durationSeconds: 0.01, ageSeconds: 0 } as const;
const messagesPerSecond = 20_000;

export const clusterNames = (count: number) =>
  Array.from({ length: count }, (_, index) => `cluster-${String(index + 1).padStart(3, '0')}`);

export const endsOf = (offsets: readonly PartitionOffsets[]): Ends =>
  new Map(
    Map.groupBy(offsets, ({ topic }) => topic)
      .entries()
      .map(([topic, own]) => [topic, new Map(own.map((each) => [each.partition, each]))]),
  );

/** Builds each snapshot from scratch, like a reading of real brokers, but without requests. */
export function simulatedInspector(name: string, size: FleetSize, clock: Clock): ClusterInspector {
  const began = clock.monotonic();
  const snapshot = async () => snapshotAt(name, size, clock.monotonic() - began);
  return { describe: async () => (await snapshot()).cluster, snapshot, async [Symbol.asyncDispose]() {} };
}

function snapshotAt(
  name: string,
  { groups, partitionsPerGroup, brokers: count = 3 }: FleetSize,
  seconds: number,
): ClusterSnapshot {
  const brokers = Array.from({ length: count }, (_, index) => String(index + 1));
  const copies = (partition: number) => [0, 1, 2].map((copy) => brokers[(partition + copy) % count] ?? '1');
  const names = Array.from({ length: Math.ceil(groups / groupsPerTopic) }, (_, index) => `topic-${index}`);
  const rate = messagesPerSecond / (names.length * partitionsPerGroup);
  const indexes = Int32Array.from({ length: partitionsPerGroup }, (_, partition) => partition);
  const end = 3_000_000_000n + BigInt(Math.round(rate * seconds));
  const topics = names.map((topic) => ({
    name: topic,
    internal: false,
    partitions: Array.from(indexes, (partition) => ({
      topic,
      partition,
      leader: brokers[partition % count] ?? '1',
      replicas: copies(partition),
      inSyncReplicas: copies(partition),
    })),
  }));
  const offsets = topics.flatMap(({ name: topic, partitions }) =>
    partitions.map(({ partition }) => ({ topic, partition, start: 0n, end })),
  );
  const ends = endsOf(offsets);
  return {
    cluster: {
      name,
      kind: 'kafka',
      brokers: brokers.map((id) => ({ id, address: `${name}-${id}.example:9092` })),
    },
    topics,
    offsets,
    groups: Array.from({ length: groups }, (_, group) => {
      const committed = [
        {
          topic: names[group % names.length] ?? '',
          partitions: indexes,
          offsets: BigInt64Array.from(indexes, () => end - BigInt(1000 + group)),
        },
      ];
      return { name: `group-${group}`, members: 2, partitions: lagsOf({ committed, assigned: [] }, ends) };
    }),
    // Without sections, no broker would count as answered, and each page would show the cluster as down.
    sections: [
      { section: 'metadata', ...answered },
      ...brokers.map((broker) => ({ section: 'offsets', broker, ...answered })),
    ],
  };
}
