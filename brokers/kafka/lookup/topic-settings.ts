// Reads the topic settings that the cluster check needs, with DescribeConfigs.

import type { Io } from '../../driver.ts';
import type { TopicSettings } from '../../lookup.ts';
import { refusalOf } from '../error-names.ts';
import type { Link } from '../wire/links.ts';
import { describeTopics } from '../reading/describe-topics.ts';

const keys = [
  'cleanup.policy',
  'compression.type',
  'confluent.tier.enable',
  'flush.messages',
  'flush.ms',
  'follower.replication.throttled.replicas',
  'leader.replication.throttled.replicas',
  'local.retention.bytes',
  'local.retention.ms',
  'max.message.bytes',
  'min.insync.replicas',
  'remote.storage.enable',
  'retention.bytes',
  'retention.ms',
  'segment.bytes',
  'unclean.leader.election.enable',
];
/** Sixteen settings of 500 topics are about 500 kB. */
const topicsPerRequest = 500;

/** @returns a notice for each topic whose settings the broker refused */
export async function readTopicSettings(
  link: Link,
  topics: readonly string[],
  io: Io,
): Promise<{ topics: TopicSettings[]; notices: string[] }> {
  const readTopics: TopicSettings[] = [];
  const notices: string[] = [];
  for await (const each of describeTopics(link, { topics, keys, topicsPerRequest }, io)) {
    const { resourceName: topic, errorCode, configs } = each;
    const refusal = refusalOf(errorCode, 'DescribeConfigs');
    if (refusal !== undefined) {
      notices.push(`settings of topic ${topic} unknown: ${refusal}`);
      continue;
    }
    const values = configs.flatMap(({ name, value }) => (typeof value === 'string' ? [[name, value] as const] : []));
    readTopics.push({ topic, values: new Map(values) });
  }
  return { topics: readTopics, notices };
}
