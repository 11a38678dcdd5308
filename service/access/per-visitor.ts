// Answers each visitor by a handler that is made from the clusters this visitor may see.

import type { RequestHandler } from 'express';
import type { ServiceParts } from '../parts.ts';
import { limitParts, withoutLogins } from './limited-parts.ts';
import { roleOn } from './roles.ts';
import { keepNewest } from '../../core/keep-newest.ts';

/** Different sets of clusters whose handlers are kept; the least recently used one is forgotten, and made again. */
const mostSets = 20;

/** @param make called once for those who see every cluster, once for those of them who do not see logins, and once for each other set of
 *   clusters, which `set` names */
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
    // The order is that of use.
    keepNewest(limited, set, own, mostSets);
    return own(request, response, next);
  };
}
