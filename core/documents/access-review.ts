// Defines who has access, as the API and the people page show it.

import { z } from 'zod';
import { ranks, roles } from '../roles.ts';

export const loginWays = ['identity-provider', 'operator-token', 'password', 'certificate', 'proxy'] as const;
export type LoginWay = (typeof loginWays)[number];

export const ListedPerson = z.strictObject({
  name: z.string(),
  way: z.enum(loginWays),
  groups: z.array(z.string()).describe('groups at the last login that have a role in the config'),
  lastLoginAt: z.iso.datetime().optional().describe('absent for sessions of an older version'),
  openSessions: z
    .array(z.strictObject({ endsAt: z.iso.datetime() }))
    .describe('open sessions that this service can end; logins by password, certificate or proxy have none'),
  roles: z.array(z.strictObject({ cluster: z.string(), role: z.enum(roles) })),
});
export type ListedPerson = z.infer<typeof ListedPerson>;

/** Entry of service.roles or service.users. */
export const UnusedEntry = z.strictObject({
  role: z.enum(ranks),
  groups: z.array(z.string()).optional(),
  users: z.array(z.string()).optional(),
  clusters: z.array(z.string()).optional(),
  domains: z.array(z.string()).optional(),
});
export type UnusedEntry = z.infer<typeof UnusedEntry>;

export const AccessReview = z.strictObject({
  people: z.array(ListedPerson),
  unused: z
    .array(UnusedEntry)
    .describe('entries of service.roles and service.users without a recorded login; only for admins of all clusters'),
});
export type AccessReview = z.infer<typeof AccessReview>;
