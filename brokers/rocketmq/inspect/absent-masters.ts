// Remembers each master for a while after the name servers drop it: one that is killed leaves their list at once.

import type { Clock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import { defaultKeepSeconds } from '../../sections.ts';
import type { BrokerLink } from './broker-link.ts';
import type { Member, Membership } from './membership.ts';

/** By broker name. */
export type AbsentMasters = ReadonlyMap<string, Member>;

/**
 * An elected master takes broker id 0, so none is absent then: what it lacks of the last one's log was truncated.
 *
 * @returns a function from the present list to the masters of broker names that are listed without one
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

/** Sends nothing, so that what the broker answered last is shown with its age. */
export const linkToAbsent = (id: string): BrokerLink => ({
  id,
  ask: () => Promise.reject(new AppError('broker-unreachable', `no name server lists ${id}`)),
});
