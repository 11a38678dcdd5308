// Serves each visitor with a handler restricted to the clusters this visitor may see.

import type { RequestHandler } from 'express';
import type { ServiceParts } from '../parts.ts';
import { limitParts, withoutLogins } from './limited-parts.ts';
import { roleOn } from './roles.ts';
import { keepNewest } from '../../core/keep-newest.ts';

/** Limit of cached handlers for different sets of clusters; the least recently used one is dropped and rebuilt when needed. */
const mostSets = 20;

/**
 * @param make called once for users who see every cluster, once for those of them who do not see logins, and once for each other
 *   set of clusters, identified by `set`
 */
export function perVisitor(
  parts: ServiceParts,
  make: (parts: ServiceParts, set: string) => RequestHandler,
): RequestHandler {
  const unlimited = make(parts, '');
  const unlimitedWithoutLogins = make(withoutLogins(parts), 'without logins');
  const limited = new Map<string, RequestHandler>();
  return (request, response, next) => {
    const user = parts.access.userOf(request);
    if (user.isLimited !== true) {
      const own = parts.access.seesLogins(user) ? unlimited : unlimitedWithoutLogins;
      return own(request, response, next);
    }
    const names = [...parts.clusters.keys()].filter((name) => roleOn(user, name) !== undefined);
    const set = JSON.stringify(names);
    const own = limited.get(set) ?? make(limitParts(parts, names), set);
    // Reinserted, so that the order is by last use.
    keepNewest(limited, set, own, mostSets);
    return own(request, response, next);
  };
}
