// Asks a broker for settings of topics or brokers with DescribeConfigs.

import { describeConfigsV1, describeConfigsV4 } from '../library.ts';
import type { Io } from '../../driver.ts';
import { newestSpoken, type Link } from '../wire/links.ts';

/** @returns a result for each resource, with its own error code. @throws AppError as the broker refuses the whole request */
export async function describeConfigs(
  link: Link,
  action: string,
  resources: describeConfigsV4.DescribeConfigsRequestResource[],
  io: Io,
) {
  const api = newestSpoken(link, describeConfigsV4.api, describeConfigsV1.api);
  return (await link.askForParts(action, io, api, resources, false, false)).results;
}
