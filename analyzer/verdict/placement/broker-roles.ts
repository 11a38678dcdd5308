// Sums what each broker leads, sends to followers and copies itself, as shares of the messages of a run.

import type { TrafficRow } from './placement.ts';
import { getOrMake } from '../../../core/get-or-make.ts';

/** Messages of each role per message of the run. */
export interface Roles {
  led: number;
  /** Copies sent to followers. */
  fed: number;
  /** Copies fetched from leaders. */
  followed: number;
}

export const noRoles: Roles = { led: 0, fed: 0, followed: 0 };

export function rolesOf(rows: readonly TrafficRow[]): ReadonlyMap<string, Roles> {
  const roles = new Map<string, Roles>();
  const at = (id: string) => getOrMake(roles, id, () => ({ ...noRoles }));
  for (const { leader, followers, share } of rows) {
    if (leader === undefined || share === 0) continue;
    const own = at(leader);
    own.led += share;
    own.fed += share * followers.length;
    for (const id of followers) at(id).followed += share;
  }
  return roles;
}

/**
 * Roles during recovery: a returned broker leads nothing yet, follows as before, and also copies what it missed.
 * @param catchUpShare messages copied beyond the normal rate, over that rate
 */
export function rolesOnReturn(rows: readonly TrafficRow[], catchUpShare: number): ReadonlyMap<string, Roles> {
  const copies = 1 + catchUpShare;
  const roles = new Map([...rolesOf(rows)].map(([id, each]) => [id, { ...each }]));
  for (const { leader, lost = [], share } of rows) {
    if (leader === undefined) continue;
    for (const id of lost) {
      const [own, back] = [roles.get(leader) ?? { ...noRoles }, roles.get(id) ?? { ...noRoles }];
      roles.set(leader, { ...own, fed: own.fed + copies * share });
      roles.set(id, { ...back, followed: back.followed + copies * share });
    }
  }
  return roles;
}

/** Sum over brokers that share a host. */
export function summedRoles(roles: ReadonlyMap<string, Roles>, ids: readonly string[]): Roles {
  return ids.reduce((sum, id) => {
    const { led, fed, followed } = roles.get(id) ?? noRoles;
    return { led: sum.led + led, fed: sum.fed + fed, followed: sum.followed + followed };
  }, noRoles);
}
