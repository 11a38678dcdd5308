// Keeps each master for a while after the name servers drop it, which happens at once when it is killed.

import type { Clock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import { defaultKeepSeconds } from '../../sections.ts';
import type { BrokerLink } from './broker-link.ts';
import type { Member, Membership } from './membership.ts';

/** Absent masters by broker name. */
export type AbsentMasters = ReadonlyMap<string, Member>;

/**
 * After an election, the new master takes broker id 0, so no master is absent. Messages of the old master that its log
 * lacks were truncated.
 *
 * @returns a function from the current list to the masters of broker names that are listed without a master
 */
export function createAbsentMasters(clock: Clock): (byName: Membership['byName']) => AbsentMasters {
  const masters = new Map<string, { master: Member; listedAt: number }>();
  return (byName) => {
    const now = clock.monotonic();
    const absent = new Map<string, Member>();
    for (const [brokerName, [head]] of byName) {
      const last = masters.get(brokerName);
      if (head?.brokerId === 0) masters.set(brokerName, { master: head, listedAt: now });
      else if (last !== undefined && now - last.listedAt < defaultKeepSeconds) absent.set(brokerName, last.master);
    }
    return absent;
  };
}

/** Sends no requests, so that the last values of the broker are shown with their age. */
export const linkToAbsent = (id: string): BrokerLink => ({
  id,
  ask: () => Promise.reject(new AppError('broker-unreachable', `no name server lists ${id}`)),
});
