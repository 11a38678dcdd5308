// Defines the `service.roles` section of the config: viewers, operators and admins, and their clusters.

import { z } from 'zod';
import { ranks } from '../../core/roles.ts';

const Name = z.string().min(1).max(249);
const some = (what: string) => z.array(Name).min(1).max(1000).optional().describe(what);

export const RoleEntry = z.strictObject({
  role: z
    .enum(ranks)
    .describe(
      'each includes the one before it; an admin also sees who has access, and ends sessions if admin of all clusters',
    ),
  groups: some('groups of the identity provider or of the reverse proxy; one match is enough'),
  users: some('user names of passwords, client certificates or the reverse proxy; one match is enough'),
  clusters: some('patterns of cluster names, such as orders-*; default: all clusters'),
  domains: some('business domains of service.domains: allows their clusters'),
});
export type RoleEntry = z.output<typeof RoleEntry>;

export const Roles = z
  .array(RoleEntry)
  .max(1000)
  .default([])
  .describe(
    'roles by group or user; an entry with neither applies to everybody who logs in. If there are entries other than of channels (`channel:NAME`), a user who matches none of them (and none of `users`, `trustedProxy.operators` and `trustedProxy.admins`) has no access',
  );
