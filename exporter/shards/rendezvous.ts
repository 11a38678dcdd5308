// Assigns targets to exporters by rendezvous hashing.

import { hash } from 'node:crypto';

/**
 * Rendezvous hashing (Thaler and Ravishankar 1996): all that know the same members compute the same owner, and a removed member
 * moves only its own targets.
 *
 * @returns undefined if there are no members
 */
export function ownerOf(target: string, members: Iterable<string>): string | undefined {
  let owner: { member: string; weight: string } | undefined;
  for (const member of members) {
    const weight = hash('sha256', JSON.stringify([member, target]));
    if (owner === undefined || weight > owner.weight) owner = { member, weight };
  }
  return owner?.member;
}
