// Defines the `service.oidc` section of the config: log-in by OpenID Connect.

import { z } from 'zod';
import { HttpUrl } from '../../core/http/http-config.ts';
import { Secret } from '../../core/secret.ts';
import { Duration } from '../../core/text/quantity.ts';

const Claim = z.string().min(1).max(249);

/** Whether the URL uses HTTPS, or plain HTTP within this machine. */
export const isSafeUrl = (text: string): boolean => {
  const url = URL.parse(text);
  if (url === null) return false;
  return url.protocol === 'https:' || /^(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])$/i.test(url.hostname);
};

const longestSessionSeconds = 7 * 86_400;

export const Oidc = z.strictObject({
  issuer: HttpUrl.refine(
    isSafeUrl,
    'the issuer needs https:// unless it is on the loopback: passwords and tokens would cross the network in plain text',
  ).describe('issuer of the provider; its /.well-known/openid-configuration is read'),
  clientId: z.string().min(1).max(249),
  clientSecret: Secret,
  clientAuthentication: z
    .enum(['basic', 'post'])
    .default('basic')
    .describe('how the secret is sent to the provider; must match the registration of the client'),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'a scope has no spaces'))
    .max(20)
    .refine((scopes) => scopes.includes('openid'), 'scopes must include openid')
    .default(['openid', 'profile']),
  userClaim: Claim.default('preferred_username').describe('claim with the name that pages and the history show'),
  groupsClaim: Claim.default('groups').describe(
    'claim with the groups: its name, or a path such as realm_access.roles; read from the ID token, else from userinfo',
  ),
  session: Duration.refine((seconds) => seconds >= 60 && seconds <= longestSessionSeconds, 'a session lasts 1m to 7d')
    .prefault('8h')
    .describe('lifetime of a session; a new login reads the groups again'),
  sessionEndsWithIdToken: z
    .boolean()
    .default(false)
    .describe('ends the session when the ID token expires, which many providers set to minutes'),
  clockTolerance: Duration.refine((seconds) => seconds <= 300, 'a clock tolerance is 5m or less')
    .prefault('30s')
    .describe('accepted difference between the clocks of provider and service'),
});
export type Oidc = z.output<typeof Oidc>;
