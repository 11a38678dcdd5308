// Who leads each partition, and do its replicas keep up?

import type { Topic } from '../../core/cluster.ts';
import type { ClusterCollector, Measurement } from '../collector.ts';

const labels = ['topic', 'partition'];

export const partitions = {
  of: 'kafka',
  follows: 'danielqsj/kafka_exporter',
  source: 'Metadata',
  cost: '1 request a collection, shared with `brokers`',
  metrics: {
    kafka_topic_partitions: {
      type: 'gauge',
      help: 'Partitions of the topic.',
      labels: ['topic'],
      additive: true,
    },
    kafka_topic_partition_leader: {
      type: 'gauge',
      unit: 'broker id',
      help: 'Id of the broker that leads the partition.',
      labels,
      differs: 'a partition without a leader has no series',
    },
    kafka_topic_partition_leader_is_preferred: {
      type: 'gauge',
      unit: '1 or 0',
      help: '1 while the first of its replicas leads the partition, else 0.',
      labels,
      additive: true,
    },
    kafka_topic_partition_replicas: {
      type: 'gauge',
      unit: 'replicas',
      help: 'Replicas assigned to the partition.',
      labels,
      additive: true,
    },
    kafka_topic_partition_in_sync_replica: {
      type: 'gauge',
      unit: 'replicas',
      help: 'Replicas of the partition that are in sync.',
      labels,
      additive: true,
    },
    kafka_topic_partition_under_replicated_partition: {
      type: 'gauge',
      unit: '1 or 0',
      help: '1 while a replica of the partition is out of sync, else 0.',
      labels,
      additive: true,
    },
  },

  collect({ snapshot: { topics } }) {
    return { kind: 'ok', measurements: partitionsOf(topics) };
  },
} satisfies ClusterCollector;

function* partitionsOf(topics: readonly Topic[]): Iterable<Measurement> {
  for (const topic of topics) {
    yield { metric: 'kafka_topic_partitions', labels: [topic.name], value: topic.partitions.length };
    for (const { partition, leader, replicas, inSyncReplicas } of topic.partitions) {
      const labels = [topic.name, String(partition)];
      if (leader !== undefined) yield { metric: 'kafka_topic_partition_leader', labels, value: Number(leader) };
      const isPreferred = leader !== undefined && leader === replicas[0];
      yield { metric: 'kafka_topic_partition_leader_is_preferred', labels, value: Number(isPreferred) };
      yield { metric: 'kafka_topic_partition_replicas', labels, value: replicas.length };
      yield { metric: 'kafka_topic_partition_in_sync_replica', labels, value: inSyncReplicas.length };
      const isBehind = inSyncReplicas.length < replicas.length;
      yield { metric: 'kafka_topic_partition_under_replicated_partition', labels, value: Number(isBehind) };
    }
  }
}
