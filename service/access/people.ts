// Reviews access: who logged in with which role on which cluster, and unused config entries; ends sessions.

import type { RoleEntry } from '../../app/config/service-roles.ts';
import type { AccessReview, ListedPerson, UnusedEntry } from '../../core/documents/access-review.ts';
import { defined } from '../../core/defined.ts';
import type { User } from './access.ts';
import type { KeptLogins, KeptPerson } from './kept-logins.ts';
import { holderOf, isEntryOf, isOfPeople, mentionedGroups, roleOn, rolesOfLogin, type RoleConfig } from './roles.ts';

export type People = ReturnType<typeof createPeople>;

export function createPeople(config: RoleConfig, logins: KeptLogins) {
  return {
    /** Store of the recorded logins. */
    logins,
    /** @param clusters configured clusters. @returns the part that concerns clusters on which the user is admin */
    review(user: User, clusters: Iterable<string>): AccessReview {
      const own = [...clusters].filter((cluster) => roleOn(user, cluster) === 'admin');
      const isOfAll = user.role === 'admin';
      // Admins of some clusters must not see groups whose roles are on other clusters.
      const seen = isOfAll ? config : { roles: config.roles.filter((entry) => concerns(entry, own, config)) };
      const known = logins.all();
      const people = known
        .map((person) => listed(person, own, seen, config))
        .filter(({ roles }) => isOfAll || roles.length > 0)
        .toSorted((one, other) => one.name.localeCompare(other.name) || one.way.localeCompare(other.way));
      return { people, unused: isOfAll ? unusedOf(config, known) : [] };
    },
    hasSession: (name: string) => logins.all().some((person) => person.name === name && person.sessionEnds.length > 0),
  };
}

const isoOf = (ms: number) => new Date(ms).toISOString();

function listed(
  person: KeptPerson,
  clusters: readonly string[],
  seen: Pick<RoleConfig, 'roles' | 'trustedProxy'>,
  config: RoleConfig,
): ListedPerson {
  const { name, way, groups, lastLoginMs, sessionEnds } = person;
  const held = rolesOfLogin(config, person);
  return defined({
    name,
    way,
    groups: mentionedGroups(seen, groups),
    lastLoginAt: lastLoginMs === undefined ? undefined : isoOf(lastLoginMs),
    openSessions: sessionEnds.map((ends) => ({ endsAt: isoOf(ends) })),
    roles: clusters.flatMap((cluster) => {
      const role = held && roleOn(held, cluster);
      return role === undefined ? [] : [{ cluster, role }];
    }),
  });
}

/** Whether the entry grants a role on one of the clusters. */
function concerns(
  { groups: _groups, users: _users, ...rest }: RoleEntry,
  clusters: readonly string[],
  { domains }: RoleConfig,
): boolean {
  const somebody = { name: '', way: 'identity-provider', groups: [] } as const;
  const held = rolesOfLogin({ roles: [rest], domains, users: {} }, somebody);
  return held !== undefined && clusters.some((cluster) => roleOn(held, cluster) !== undefined);
}

/** Excludes programs: they post alerts or follow links of a channel, and never log in on a page. */
function unusedOf({ roles, users }: RoleConfig, known: readonly KeptPerson[]): UnusedEntry[] {
  const isUsed = (entry: RoleEntry) => known.some((person) => isEntryOf(entry, holderOf(person)));
  const byName = Object.entries(users).flatMap(([name, role]) =>
    role === 'notifier' ? [] : [{ role, users: [name] }],
  );
  return [...byName, ...roles].filter((entry) => isOfPeople(entry) && !isUsed(entry));
}
