// Lists the groups that a broker coordinates.

import { listGroupsV3, listGroupsV4, listGroupsV5 } from '../library.ts';
import type { Io } from '../../driver.ts';
import { newestSpoken, type Link } from '../wire/links.ts';

export async function listGroups(link: Link, io: Io) {
  const api = newestSpoken(link, listGroupsV5.api, listGroupsV4.api, listGroupsV3.api);
  return (await link.ask('list consumer groups', io, api, [], [])).groups;
}
