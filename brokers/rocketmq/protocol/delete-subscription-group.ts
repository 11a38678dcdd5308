// Encodes DELETE_SUBSCRIPTIONGROUP (207), which deletes a consumer group on a master.

import { command } from './typed-request.ts';

/*
 * Request fields   groupName
 *                  removeOffset  true or false: its commits go as well (4.9)
 *                  cleanOffset   the same (5.x)
 * Response         nothing, also when there was no such group
 *
 * A broker ignores the field of the other version, and keeps the commits without its own.
 */

export const encodeDeleteSubscriptionGroup = ({ group }: { group: string }) =>
  command(207, 'removal of a group', { groupName: group, removeOffset: 'true', cleanOffset: 'true' });
