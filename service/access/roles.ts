// Decides which role a visitor has on which cluster, from `service.roles`, `service.users` and `service.trustedProxy`.

import type { RoleEntry } from '../../app/config/service-roles.ts';
import type { ServiceConfig } from '../../app/config/service.ts';
import type { LoginWay } from '../../core/documents/access-review.ts';
import { matchesGlob } from '../../core/text/glob.ts';
import { highestOf, isAtLeast, type Rank, type Role } from '../../core/roles.ts';
import type { ClusterRole, User } from './access.ts';

export type HeldRoles = Pick<User, 'role' | 'on' | 'isLimited'>;

export interface RoleHolder {
  /** Absent if names are not reliable: users of an identity provider may be able to change theirs. */
  user?: string;
  groups: readonly string[];
}

export type RoleConfig = Pick<ServiceConfig, 'roles' | 'domains' | 'users' | 'trustedProxy'>;

/** Whether the config makes any user an admin. Holders of the operator token are always admins. */
export const namesAdmins = ({ roles, users, trustedProxy }: RoleConfig): boolean =>
  roles.some(({ role }) => role === 'admin') ||
  Object.values(users).includes('admin') ||
  (trustedProxy?.admins ?? []).length > 0;

/** @returns groups that some config entry mentions; others need not be stored */
export function mentionedGroups(
  { roles, trustedProxy }: Pick<RoleConfig, 'roles' | 'trustedProxy'>,
  groups: readonly string[],
): string[] {
  const { operators = [], admins = [] } = trustedProxy ?? {};
  const mentioned = new Set([...roles.flatMap((entry) => entry.groups ?? []), ...operators, ...admins]);
  return [...new Set(groups)].filter((group) => mentioned.has(group));
}

/**
 * @param everywhere role on all clusters from other settings
 * @returns undefined for a user without a role on any cluster
 */
export function heldRoles(
  { roles, domains }: Pick<ServiceConfig, 'roles' | 'domains'>,
  holder: RoleHolder,
  everywhere?: Role,
): HeldRoles | undefined {
  if (everywhere === 'notifier') return { role: everywhere };
  const own = roles.filter((entry) => isEntryOf(entry, holder));
  const unlimited = own.filter((entry) => entry.clusters === undefined && entry.domains === undefined);
  const on = own
    .filter((entry) => !unlimited.includes(entry))
    .map(({ role, clusters = [], domains: named = [] }): ClusterRole => {
      const carriers = named.flatMap((name) => (Object.hasOwn(domains, name) ? (domains[name]?.cluster ?? []) : []));
      return { role, patterns: clusters, clusters: carriers };
    });
  const onAll = highestOf([...(everywhere === undefined ? [] : [everywhere]), ...unlimited.map(({ role }) => role)]);
  if (onAll === undefined && on.length === 0) return undefined;
  return {
    role: onAll ?? 'viewer',
    ...(on.length > 0 && { on }),
    ...(onAll === undefined && { isLimited: true }),
  };
}

interface LoggedIn {
  name: string;
  way: LoginWay;
  groups: readonly string[];
}

export const holderOf = ({ name, way, groups }: LoggedIn): RoleHolder => ({
  ...(way !== 'identity-provider' && { user: name }),
  groups,
});

/** @returns undefined for a user without a role on any cluster */
export function rolesOfLogin(config: RoleConfig, login: LoggedIn): HeldRoles | undefined {
  const { users, roles } = config;
  switch (login.way) {
    case 'operator-token':
      // The holder of the token owns the state folder.
      return { role: 'admin' };
    case 'identity-provider':
      return heldRoles(config, holderOf(login));
    case 'password':
    case 'certificate':
    case 'proxy': {
      // Object.hasOwn, so that a name such as `constructor` does not match the prototype.
      const own = Object.hasOwn(users, login.name) ? users[login.name] : proxyRole(config, login);
      return heldRoles(config, holderOf(login), own ?? (roles.some(isOfPeople) ? undefined : 'viewer'));
    }
  }
}

function proxyRole({ trustedProxy }: RoleConfig, { way, groups }: LoggedIn): Rank | undefined {
  if (way !== 'proxy' || trustedProxy === undefined) return undefined;
  const isOneOf = (named: readonly string[]) => groups.some((group) => named.includes(group));
  if (isOneOf(trustedProxy.admins)) return 'admin';
  return isOneOf(trustedProxy.operators) ? 'operator' : undefined;
}

export const channelUserName = (channel: string): string => `channel:${channel}`;

/** Other entries only restrict the links of notification channels. */
export const isOfPeople = ({ groups, users }: RoleEntry): boolean =>
  groups !== undefined || users?.every((name) => name.startsWith(channelUserName(''))) !== true;

/** Whether the entry grants its role to the holder. */
export function isEntryOf({ groups, users }: RoleEntry, holder: RoleHolder): boolean {
  if (groups === undefined && users === undefined) return true;
  const { user } = holder;
  return (
    (user !== undefined && users?.includes(user) === true) ||
    groups?.some((group) => holder.groups.includes(group)) === true
  );
}

/** @returns undefined for a cluster that the user may not see */
export function roleOn({ role, on = [], isLimited }: HeldRoles, cluster: string): Role | undefined {
  if (role === 'notifier') return role;
  const held = on.filter((each) => covers(each, cluster)).map((each) => each.role);
  return highestOf(isLimited === true ? held : [...held, role]);
}

/** Whether the user has the role on at least one cluster. */
export const isSomewhere = ({ role, on = [] }: HeldRoles, least: Rank): boolean =>
  isAtLeast(role, least) || on.some((each) => isAtLeast(each.role, least));

const covers = ({ patterns, clusters }: ClusterRole, cluster: string) =>
  clusters.includes(cluster) || patterns.some((pattern) => matchesGlob(cluster, pattern));
