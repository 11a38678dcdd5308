// Adds up what each broker leads, sends to followers and copies itself, as shares of the messages of a run.

import type { TrafficRow } from './placement.ts';

/** Messages of each role for one message of the run. */
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
  const at = (id: string) => {
    const known = roles.get(id) ?? { ...noRoles };
    roles.set(id, known);
    return known;
  };
  for (const { leader, followers, share } of rows) {
    if (leader === undefined || share === 0) continue;
    const own = at(leader);
    own.led += share;
    own.fed += share * followers.length;
    for (const id of followers) at(id).followed += share;
  }
  return roles;
}

/** Of brokers that share a host together. */
export function summedRoles(roles: ReadonlyMap<string, Roles>, ids: readonly string[]): Roles {
  return ids.reduce((sum, id) => {
    const { led, fed, followed } = roles.get(id) ?? noRoles;
    return { led: sum.led + led, fed: sum.fed + fed, followed: sum.followed + followed };
  }, noRoles);
}
