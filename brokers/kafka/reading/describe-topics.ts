// Reads settings of many topics with DescribeConfigs.

import type { Io } from '../../driver.ts';
import type { Link } from '../wire/links.ts';
import { describeConfigs } from './describe-configs.ts';

const topicResource = 2;

/** @param topicsPerRequest limits an answer to some hundred kB */
export async function* describeTopics(
  link: Link,
  { topics, keys, topicsPerRequest }: { topics: readonly string[]; keys: string[]; topicsPerRequest: number },
  io: Io,
) {
  for (let from = 0; from < topics.length; from += topicsPerRequest) {
    const resources = topics.slice(from, from + topicsPerRequest).map((resourceName) => ({
      resourceType: topicResource as 2,
      resourceName,
      configurationKeys: keys,
    }));
    yield* await describeConfigs(link, 'read the settings of topics', resources, io);
  }
}
