// Encodes DELETE_SUBSCRIPTIONGROUP (207), which deletes a consumer group on a master.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';

/*
 * Request fields   groupName
 *                  removeOffset  true or false: its commits go as well (4.9)
 *                  cleanOffset   the same (5.x)
 * Response         nothing, also when there was no such group
 *
 * A broker ignores the field of the other version, and keeps the commits without its own.
 */

export function encodeDeleteSubscriptionGroup({ group }: { group: string }): Request {
  return { code: 207, fields: { groupName: group, removeOffset: 'true', cleanOffset: 'true' } };
}

/** @throws AppError */
export function parseDeleteSubscriptionGroup(response: Response): void {
  answered(response, 'removal of a group (207)');
}
