// Exports partitions without a leader, led by another than the preferred replica, or with too few in-sync replicas, per topic.

import { isUnderMinIsr } from '../../brokers/kafka/under-min-isr.ts';
import type { Topic } from '../../core/cluster.ts';
import { ok, type ClusterCollector, labelled, type Measurement } from '../collector.ts';

const { gauge } = labelled('topic');

export const topicAvailability = {
  of: 'kafka',
  source: 'Metadata, DescribeConfigs (`min.insync.replicas`)',
  cost: 'no additional cost; shared with `partitions` and `topic-config`',
  metrics: {
    kafka_topic_leaderless_partitions: gauge(
      'Partitions of the topic without a leader: they can neither be written nor read.',
      { additive: true },
    ),
    kafka_topic_unpreferred_leader_partitions: gauge(
      'Partitions of the topic whose leader is not the preferred replica.',
      { additive: true },
    ),
    kafka_topic_under_min_isr_partitions: gauge(
      'Partitions of the topic with fewer replicas in sync than its min.insync.replicas: they reject producers with acks=all. From Kafka 3.7 on, all replicas are enough. Absent while the setting is unknown.',
      { additive: true },
    ),
  },

  collect({ snapshot: { cluster, topics, kafka } }) {
    const minimums = new Map(kafka?.topicConfigs.map(({ topic, minInSyncReplicas }) => [topic, minInSyncReplicas]));
    const availability = (topic: Topic) => [...availabilityOf(topic, minimums.get(topic.name), cluster.version)];
    return ok(topics.flatMap(availability));
  },
} satisfies ClusterCollector;

function* availabilityOf(
  { name, partitions }: Topic,
  minimum: number | undefined,
  version: string | undefined,
): Iterable<Measurement> {
  const leaderless = partitions.filter(({ leader }) => leader === undefined).length;
  yield { metric: 'kafka_topic_leaderless_partitions', labels: [name], value: leaderless };
  const unpreferred = partitions.filter(
    ({ leader, replicas }) => leader !== undefined && leader !== replicas[0],
  ).length;
  yield { metric: 'kafka_topic_unpreferred_leader_partitions', labels: [name], value: unpreferred };
  if (minimum === undefined) return;
  const under = partitions.filter((partition) => isUnderMinIsr(partition, minimum, version)).length;
  yield { metric: 'kafka_topic_under_min_isr_partitions', labels: [name], value: under };
}
