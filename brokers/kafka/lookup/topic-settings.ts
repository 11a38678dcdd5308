// Reads the topic settings that the cluster check needs, with DescribeConfigs.

import { describeConfigsV1, describeConfigsV4 } from '@platformatic/kafka';
import type { Io } from '../../driver.ts';
import type { TopicSettings } from '../../lookup.ts';
import { refusalOf } from '../needed-permission.ts';
import { newestSpoken, type Link } from '../wire/links.ts';

const keys = [
  'cleanup.policy',
  'compression.type',
  'flush.messages',
  'flush.ms',
  'follower.replication.throttled.replicas',
  'leader.replication.throttled.replicas',
  'max.message.bytes',
  'min.insync.replicas',
  'retention.bytes',
  'retention.ms',
  'segment.bytes',
  'unclean.leader.election.enable',
];
const topicResource = 2;
/** Twelve settings of 500 topics answer in about 400 kB. */
const topicsPerRequest = 500;

/** @returns a notice for each topic whose settings the broker refused */
export async function readTopicSettings(
  link: Link,
  topics: readonly string[],
  io: Io,
): Promise<{ topics: TopicSettings[]; notices: string[] }> {
  const api = newestSpoken(link, 'DescribeConfigs', [
    [4, describeConfigsV4.api],
    [1, describeConfigsV1.api],
  ]);
  const readTopics: TopicSettings[] = [];
  const notices: string[] = [];
  for (let from = 0; from < topics.length; from += topicsPerRequest) {
    const resources = topics.slice(from, from + topicsPerRequest).map((resourceName) => ({
      resourceType: topicResource as 2,
      resourceName,
      configurationKeys: keys,
    }));
    const { results } = await link.askForParts('read the settings of topics', io, api, resources, false, false);
    for (const { resourceName: topic, errorCode, configs } of results) {
      const refusal = refusalOf(errorCode, 'DescribeConfigs');
      if (refusal !== undefined) {
        notices.push(`settings of topic ${topic} unknown: ${refusal}`);
        continue;
      }
      const values = configs.flatMap(({ name, value }) => (typeof value === 'string' ? [[name, value] as const] : []));
      readTopics.push({ topic, values: new Map(values) });
    }
  }
  return { topics: readTopics, notices };
}
