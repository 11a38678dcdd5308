// Encodes DELETE_SUBSCRIPTIONGROUP (207), which deletes a consumer group on a master.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';

/*
 * Request fields   groupName
 *                  cleanOffset  true or false: its commits go as well (4.9.4 and later)
 * Response         nothing, also when there was no such group
 */

export function encodeDeleteSubscriptionGroup({ group }: { group: string }): Request {
  return { code: 207, fields: { groupName: group, cleanOffset: 'true' } };
}

/** @throws AppError */
export function parseDeleteSubscriptionGroup(response: Response): void {
  answered(response, 'removal of a group (207)');
}
