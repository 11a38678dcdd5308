// Encodes AUTH_LIST_ACL (3010) and parses the access control rules of a broker (ACL 2.0, RocketMQ 5.3 and later).

import type { AclRule } from '../../acl-rule.ts';
import { rowsOf } from './auth-users.ts';
import { type Response, typedRequest } from './frame.ts';
import { z } from 'zod';

/*
 * Request fields  subjectFilter, resourceFilter  string, empty: all
 * Response body   [{"subject":string,"policies":[{"policyType":string,"entries":[
 *                   {"resource":"Topic:name"|"Group:name"|"Cluster:name"|"*","actions":[string],"sourceIps":[string],"decision":"Allow"|"Deny"}]}]}]
 */

export const encodeListAcls = () => typedRequest(3010, { subjectFilter: '', resourceFilter: '' }, parseListAcls);

const Entry = z.looseObject({
  resource: z.string(),
  actions: z.array(z.string()).nullish(),
  sourceIps: z.array(z.string()).nullish(),
  decision: z.string(),
});
const Acls = z.array(
  z.looseObject({
    subject: z.string(),
    policies: z.array(z.looseObject({ entries: z.array(Entry).nullish() })).nullish(),
  }),
);

/** Returns and throws as `rowsOf`. */
export function parseListAcls(response: Response): AclRule[] | undefined {
  return rowsOf(response, 'the access control rules (3010)', Acls)?.flatMap(({ subject, policies }) =>
    (policies ?? []).flatMap(({ entries }) =>
      (entries ?? []).map(({ resource, actions, sourceIps, decision }) => {
        const [, kind = 'any', name = resource] = /^(\w+):(.*)$/.exec(resource) ?? [];
        return {
          subject,
          resource: kind.toLowerCase(),
          name,
          actions: actions ?? [],
          decision: decision.toLowerCase() === 'deny' ? ('deny' as const) : ('allow' as const),
          sources: sourceIps ?? [],
        };
      }),
    ),
  );
}
