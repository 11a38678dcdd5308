// Exports leader, replicas and in-sync replicas of each partition.

import type { Partition, Topic } from '../../core/cluster.ts';
import { ok, addTo, type ClusterCollector, inRuns, labelled, openRun, type Run } from '../collector.ts';

const { gauge, flag } = labelled('topic', 'partition');

export const partitions = {
  of: 'kafka',
  follows: 'danielqsj/kafka_exporter',
  source: 'Metadata',
  cost: '1 request a collection, shared with `brokers`',
  metrics: {
    kafka_topic_partitions: labelled('topic').gauge('Partitions of the topic.', { additive: true }),
    kafka_topic_partition_leader: gauge('Id of the broker that leads the partition.', 'broker id'),
    kafka_topic_partition_leader_is_preferred: flag('1 while the preferred replica leads the partition, else 0.'),
    kafka_topic_partition_replicas: gauge('Replicas assigned to the partition.', { unit: 'replicas', additive: true }),
    kafka_topic_partition_in_sync_replica: gauge('Replicas of the partition that are in sync.', {
      unit: 'replicas',
      additive: true,
    }),
    kafka_topic_partition_under_replicated_partition: flag(
      '1 while a replica of the partition is out of sync, else 0.',
      { additive: true },
    ),
  },

  collect: ({ snapshot: { topics } }) => ok(inRuns(() => partitionsOf(topics))),
} satisfies ClusterCollector;

function* partitionsOf(topics: readonly Topic[]): Iterable<Run> {
  const counts = openRun('kafka_topic_partitions');
  for (const { name, partitions } of topics) addTo(counts, name, partitions.length);
  yield counts;
  for (const { name, partitions } of topics) {
    const numbers = partitions.map(({ partition }) => partition);
    const each = (metric: string, valueOf: (partition: Partition) => number): Run => ({
      metric,
      labels: [name],
      last: numbers,
      values: partitions.map(valueOf),
    });
    const leaders = openRun('kafka_topic_partition_leader', [name]);
    for (const { partition, leader } of partitions) {
      if (leader !== undefined) addTo(leaders, partition, Number(leader));
    }
    yield leaders;
    yield each('kafka_topic_partition_leader_is_preferred', ({ leader, replicas }) =>
      Number(leader !== undefined && leader === replicas[0]),
    );
    yield each('kafka_topic_partition_replicas', ({ replicas }) => replicas.length);
    yield each('kafka_topic_partition_in_sync_replica', ({ inSyncReplicas }) => inSyncReplicas.length);
    yield each('kafka_topic_partition_under_replicated_partition', ({ replicas, inSyncReplicas }) =>
      Number(inSyncReplicas.length < replicas.length),
    );
  }
}
