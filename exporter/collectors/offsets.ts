// From which offset to which is each partition stored?

import type { PartitionOffsets } from '../../core/cluster.ts';
import type { ClusterCollector, Measurement } from '../collector.ts';

const labels = ['topic', 'partition'];

export const offsets = {
  of: 'kafka',
  follows: 'danielqsj/kafka_exporter',
  source: 'ListOffsets',
  cost: '2 requests per broker',
  metrics: {
    kafka_topic_partition_current_offset: {
      type: 'gauge',
      unit: 'messages',
      help: 'Offset the next message of the partition will get.',
      labels,
      additive: true,
      differs: 'a partition whose offset could not be read has no series',
    },
    kafka_topic_partition_oldest_offset: {
      type: 'gauge',
      unit: 'messages',
      help: 'Offset of the first message still stored in the partition.',
      labels,
      additive: true,
      differs: 'a partition whose offset could not be read has no series',
    },
  },

  collect({ snapshot }) {
    return { kind: 'ok', measurements: offsetsOf(snapshot.offsets) };
  },
} satisfies ClusterCollector;

function* offsetsOf(offsets: readonly PartitionOffsets[]): Iterable<Measurement> {
  for (const { topic, partition, start, end } of offsets) {
    const labels = [topic, String(partition)];
    if (end !== undefined) yield { metric: 'kafka_topic_partition_current_offset', labels, value: end };
    if (start !== undefined) yield { metric: 'kafka_topic_partition_oldest_offset', labels, value: start };
  }
}
