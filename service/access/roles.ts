// Decides which role a visitor has on which cluster, from `service.roles`.

import type { RoleEntry } from '../../app/config/service-roles.ts';
import type { ServiceConfig } from '../../app/config/service.ts';
import { matchesGlob } from '../../core/text/glob.ts';
import type { ClusterRole, Role, User } from './access.ts';

export type HeldRoles = Pick<User, 'role' | 'on' | 'isLimited'>;

export interface RoleHolder {
  /** Absent where names are not reliable: a user of an identity provider may be able to change it. */
  user?: string;
  groups: readonly string[];
}

/** @returns names of groups that some entry mentions: others need not be remembered */
export function mentionedGroups({ roles }: Pick<ServiceConfig, 'roles'>, groups: readonly string[]): string[] {
  const mentioned = new Set(roles.flatMap((entry) => entry.groups ?? []));
  return [...new Set(groups)].filter((group) => mentioned.has(group));
}

/**
 * @param everywhere a role on all clusters that other settings give
 * @returns undefined for who has no role on any cluster
 */
export function heldRoles(
  { roles, domains }: Pick<ServiceConfig, 'roles' | 'domains'>,
  holder: RoleHolder,
  everywhere?: Role,
): HeldRoles | undefined {
  if (everywhere === 'notifier') return { role: everywhere };
  const own = roles.filter((entry) => isOf(entry, holder));
  const unlimited = own.filter((entry) => entry.clusters === undefined && entry.domains === undefined);
  const on = own
    .filter((entry) => !unlimited.includes(entry))
    .map(({ role, clusters = [], domains: named = [] }): ClusterRole => {
      const carriers = named.flatMap((name) => (Object.hasOwn(domains, name) ? (domains[name]?.cluster ?? []) : []));
      return { role, patterns: clusters, clusters: carriers };
    });
  const all = [...(everywhere === undefined ? [] : [everywhere]), ...unlimited.map(({ role }) => role)];
  if (all.length === 0 && on.length === 0) return undefined;
  return {
    role: all.includes('operator') ? 'operator' : 'viewer',
    ...(on.length > 0 && { on }),
    ...(all.length === 0 && { isLimited: true }),
  };
}

function isOf({ groups, users }: RoleEntry, holder: RoleHolder): boolean {
  if (groups === undefined && users === undefined) return true;
  const { user } = holder;
  return (
    (user !== undefined && users?.includes(user) === true) ||
    groups?.some((group) => holder.groups.includes(group)) === true
  );
}

/** @returns undefined for a cluster that the user may not see */
export function roleOn({ role, on = [], isLimited }: HeldRoles, cluster: string): Role | undefined {
  const held = on.filter((each) => covers(each, cluster)).map((each) => each.role);
  if (held.includes('operator')) return 'operator';
  if (isLimited !== true) return role;
  return held.length === 0 ? undefined : 'viewer';
}

export const isOperatorSomewhere = ({ role, on = [] }: HeldRoles): boolean =>
  role === 'operator' || on.some((each) => each.role === 'operator');

const covers = ({ patterns, clusters }: ClusterRole, cluster: string) =>
  clusters.includes(cluster) || patterns.some((pattern) => matchesGlob(cluster, pattern));
