// Reads names, groups and the end of the session from the claims of an identity provider.

import type { Oidc } from '../../../app/config/service-oidc.ts';
import { LoginFault } from './login-fault.ts';

/** @param path name of a claim, which may contain dots, or a path into objects such as realm_access.roles */
export function claimAt(claims: object, path: string): unknown {
  if (Object.hasOwn(claims, path)) return (claims as Record<string, unknown>)[path];
  let at: unknown = claims;
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}

/** @returns none if the claim is absent, which is common for users without groups. @throws LoginFault too-many-groups */
export function groupsIn(claims: object, claim: string): string[] {
  const value = claimAt(claims, claim);
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.filter((each) => typeof each === 'string');
  // Entra ID omits groups above about 200 and refers to another source instead.
  const elsewhere = claimAt(claims, '_claim_names');
  if (typeof elsewhere === 'object' && elsewhere !== null && Object.hasOwn(elsewhere, claim)) {
    throw new LoginFault('too-many-groups', `the claim ${claim} was left out`);
  }
  return [];
}

/**
 * Returns the end of the session: `session_expiry` is from OpenID Connect Enterprise Extensions; `exp` is the end of
 * the token, and ends the session only if so configured.
 *
 * @returns milliseconds since the epoch
 */
export function endOf(
  claims: { exp: number; session_expiry?: unknown },
  { sessionEndsWithIdToken }: Pick<Oidc, 'sessionEndsWithIdToken'>,
): number | undefined {
  const ends = [
    ...(typeof claims.session_expiry === 'number' ? [claims.session_expiry] : []),
    ...(sessionEndsWithIdToken ? [claims.exp] : []),
  ];
  return ends.length === 0 ? undefined : Math.min(...ends) * 1000;
}
