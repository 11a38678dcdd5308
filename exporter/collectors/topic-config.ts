// Exports retention and durability settings of each topic.

import type { TopicConfig } from '../../brokers/kafka/reading/topic-configs.ts';
import { ok, allKnown, type ClusterCollector, known, labelled, type Measurement } from '../collector.ts';

const { gauge } = labelled('topic');

export const topicConfig = {
  of: 'kafka',
  source: 'DescribeConfigs',
  cost: '1 request per 1,000 topics every 5 minutes',
  metrics: {
    kafka_topic_min_insync_replicas: gauge(
      'Replicas that must be in sync for producers with acks=all (min.insync.replicas).',
      'replicas',
    ),
    kafka_topic_retention_seconds: gauge(
      'Minimum retention time (retention.ms). Absent without a limit, and for topics that are only compacted.',
    ),
    kafka_topic_retention_bytes: gauge(
      'Minimum retained bytes per partition (retention.bytes). Absent without a limit, and for topics that are only compacted.',
    ),
    kafka_topic_cleanup_policy_info: labelled('topic', 'policy').info(
      'Whether old messages are deleted or compacted (cleanup.policy); the value is always 1.',
    ),
  },

  collect({ snapshot: { kafka, topics } }) {
    const configs = kafka?.topicConfigs;
    if (configs === undefined || (configs.length === 0 && topics.length > 0)) {
      return { kind: 'no-data', reason: 'the settings of the topics could not be read' };
    }
    return ok(configs.flatMap((config) => [...settingsOf(config)]));
  },
} satisfies ClusterCollector;

function* settingsOf(config: TopicConfig): Iterable<Measurement> {
  const { topic, minInSyncReplicas, retentionMs, retentionBytes, cleanupPolicy } = config;
  yield* known('kafka_topic_min_insync_replicas', [topic], minInSyncReplicas);
  // kafka.apache.org/documentation, retention.ms: only the delete policy uses either setting.
  const deletes = cleanupPolicy === undefined || cleanupPolicy.includes('delete');
  if (deletes) {
    const seconds = retentionMs === undefined ? undefined : Number(retentionMs) / 1000;
    yield* allKnown([topic], { kafka_topic_retention_seconds: seconds, kafka_topic_retention_bytes: retentionBytes });
  }
  if (cleanupPolicy !== undefined) {
    yield { metric: 'kafka_topic_cleanup_policy_info', labels: [topic, cleanupPolicy], value: 1 };
  }
}
