// Reads settings of topics or brokers from a broker with DescribeConfigs.

import { describeConfigsV1, describeConfigsV4 } from '../library.ts';
import type { Io } from '../../driver.ts';
import { newestSpoken, type Link } from '../wire/links.ts';

/** @returns a result with an error code for each resource. @throws AppError when the broker refuses the request */
export async function describeConfigs(
  link: Link,
  action: string,
  resources: describeConfigsV4.DescribeConfigsRequestResource[],
  io: Io,
) {
  const api = newestSpoken(link, describeConfigsV4.api, describeConfigsV1.api);
  return (await link.askForParts(action, io, api, resources, false, false)).results;
}

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
