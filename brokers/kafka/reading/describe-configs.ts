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
