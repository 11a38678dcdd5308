// Lists the groups that a broker coordinates.

import { listGroupsV3, listGroupsV4, listGroupsV5 } from '../library.ts';
import type { Io } from '../../driver.ts';
import { newestSpoken, type Link } from '../wire/links.ts';

export async function listGroups(link: Link, io: Io) {
  const api = newestSpoken(link, 'ListGroups', [
    [5, listGroupsV5.api],
    [4, listGroupsV4.api],
    [3, listGroupsV3.api],
  ]);
  return (await link.ask('list consumer groups', io, api, [], [])).groups;
}
