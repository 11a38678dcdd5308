// Reads settings of many topics with DescribeConfigs.

import { describeConfigsV1, describeConfigsV4 } from '@platformatic/kafka';
import type { Io } from '../../driver.ts';
import { newestSpoken, type Link } from '../wire/links.ts';

const topicResource = 2;

/** @param topicsPerRequest so that an answer has some hundred kB */
export async function* describeTopics(
  link: Link,
  { topics, keys, topicsPerRequest }: { topics: readonly string[]; keys: string[]; topicsPerRequest: number },
  io: Io,
) {
  const api = newestSpoken(link, 'DescribeConfigs', [
    [4, describeConfigsV4.api],
    [1, describeConfigsV1.api],
  ]);
  for (let from = 0; from < topics.length; from += topicsPerRequest) {
    const resources = topics.slice(from, from + topicsPerRequest).map((resourceName) => ({
      resourceType: topicResource as 2,
      resourceName,
      configurationKeys: keys,
    }));
    yield* (await link.askForParts('read the settings of topics', io, api, resources, false, false)).results;
  }
}
