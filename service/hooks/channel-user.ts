// Decides what readers of a notification channel may do with its links: acknowledge alerts, and of which clusters.

import type { ServiceConfig } from '../../app/config/service.ts';
import type { User } from '../access/access.ts';
import { channelUserName, heldRoles } from '../access/roles.ts';

/**
 * @returns undefined for a channel without links. Entries of `service.roles` that name the channel limit it; others
 *   concern people
 */
export function channelUser(
  channel: string,
  { hooks, roles, domains }: Pick<ServiceConfig, 'hooks' | 'roles' | 'domains'>,
): User | undefined {
  const configured = Object.hasOwn(hooks.channels, channel) ? hooks.channels[channel] : undefined;
  if (configured?.acknowledge !== true) return undefined;
  const name = channelUserName(channel);
  const own = roles.filter(({ users }) => users?.includes(name));
  const held = heldRoles(
    { roles: own, domains },
    { user: name, groups: [] },
    own.length === 0 ? 'operator' : undefined,
  );
  return held === undefined ? undefined : { name, ...held, via: 'token' };
}
