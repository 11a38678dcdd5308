// Encodes DELETE_SUBSCRIPTIONGROUP (207), which deletes a consumer group on a master.

import { command } from './frame.ts';

/*
 * Request fields   groupName
 *                  removeOffset  true or false: whether to delete its committed offsets (4.9)
 *                  cleanOffset   the same (5.x)
 * Response         nothing, also if there is no such group
 *
 * A broker ignores the field of the other version, and keeps the committed offsets without the field of its version.
 */

export const encodeDeleteSubscriptionGroup = ({ group }: { group: string }) =>
  command(207, 'removal of a group', { groupName: group, removeOffset: 'true', cleanOffset: 'true' });
