// Encodes AUTH_LIST_ACL (3010) and parses the access control rules of a broker (ACL 2.0, RocketMQ 5.3 and later).

import type { AclRule } from '../../acl-rule.ts';
import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';
import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { parseJson } from '../../../core/text/parse-json.ts';

/*
 * Request fields  subjectFilter, resourceFilter  string, empty: all
 * Response body   [{"subject":string,"policies":[{"policyType":string,"entries":[
 *                   {"resource":"Topic:name"|"Group:name"|"Cluster:name"|"*","actions":[string],"sourceIps":[string],"decision":"Allow"|"Deny"}]}]}]
 */

export function encodeListAcls(): Request {
  return { code: 3010, fields: { subjectFilter: '', resourceFilter: '' } };
}

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

/** Codes of a broker that does not know the request: 4.x, and 5.x before 5.3. */
const notSupported = 3;

/** @returns undefined where the broker has no ACL 2.0. @throws AppError broker-refused, credentials-refused, answer-unreadable */
export function parseListAcls(response: Response): AclRule[] | undefined {
  if (response.code === notSupported) return undefined;
  const { body } = answered(response, 'the access control rules (3010)');
  const parsed = Acls.safeParse(body === undefined || body.length === 0 ? [] : parseJson(body.toString('utf8')));
  if (!parsed.success) throw new AppError('answer-unreadable', 'the access control rules (3010) cannot be read');
  return parsed.data.flatMap(({ subject, policies }) =>
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
