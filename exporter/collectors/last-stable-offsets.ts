// How far can a reader of committed transactions get in each partition?

import type { PartitionOffsets } from '../../core/cluster.ts';
import type { ClusterCollector, Measurement } from '../collector.ts';

export const lastStableOffsets = {
  of: 'kafka',
  follows: 'ours',
  source: 'ListOffsets, isolation level read committed',
  cost: '1 request per broker, in clusters that have seen a transactional producer; none in others',
  metrics: {
    kafka_topic_partition_last_stable_offset: {
      type: 'gauge',
      help: 'Offset of the first message of the oldest open transaction, or the end where none is open. Absent in clusters without transactions: there it is the end.',
      labels: ['topic', 'partition'],
      unit: 'messages',
    },
  },

  collect({ snapshot }) {
    return { kind: 'ok', measurements: stableOf(snapshot.offsets) };
  },
} satisfies ClusterCollector;

function* stableOf(offsets: readonly PartitionOffsets[]): Iterable<Measurement> {
  for (const { topic, partition, lastStable } of offsets) {
    if (lastStable === undefined) continue;
    const labels = [topic, String(partition)];
    yield { metric: 'kafka_topic_partition_last_stable_offset', labels, value: lastStable };
  }
}
