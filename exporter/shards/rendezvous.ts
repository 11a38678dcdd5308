// Assigns targets to exporters by rendezvous hashing.

import { hash } from 'node:crypto';

/**
 * Rendezvous hashing (Thaler and Ravishankar 1996): everybody who knows the same members names the same owner, and a member that
 * goes gives away its own targets and moves no other.
 *
 * @returns undefined where there are no members
 */
export function ownerOf(target: string, members: Iterable<string>): string | undefined {
  let owner: { member: string; weight: string } | undefined;
  for (const member of members) {
    const weight = hash('sha256', JSON.stringify([member, target]));
    if (owner === undefined || weight > owner.weight) owner = { member, weight };
  }
  return owner?.member;
}
