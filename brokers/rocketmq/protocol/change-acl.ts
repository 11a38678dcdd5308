// Encodes AUTH_CREATE_ACL (3006), AUTH_UPDATE_ACL (3007) and AUTH_DELETE_ACL (3008) of ACL 2.0 (RocketMQ 5.3 and later).

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';

/** A subject has one rule for each resource. */
export interface RocketmqAcl {
  /** `User:alice`. */
  subject: string;
  /** `Topic:orders`, `Group:billing`, `Cluster:lab`, or `Topic:order-*` for a prefix. */
  resource: string;
  actions: readonly string[];
  sources: readonly string[];
  decision: 'allow' | 'deny';
}

/*
 * Request fields  subject                          all
 *                 policyType "Custom", resource    3008
 *         body    {"subject","policies":[{"policyType":"Custom","entries":[{"resource","actions","sourceIps","decision":"Allow"|"Deny"}]}]}   3006, 3007
 */

const policyType = 'Custom';

/** Creates the rule, or replaces the one of the same resource. */
export function encodeSetAcl({ subject, resource, actions, sources, decision }: RocketmqAcl): Request {
  const entry = { resource, actions, sourceIps: sources, decision: decision === 'deny' ? 'Deny' : 'Allow' };
  const body = JSON.stringify({ subject, policies: [{ policyType, entries: [entry] }] });
  return { code: 3006, fields: { subject }, body: Buffer.from(body) };
}

export const encodeDeleteAcl = ({ subject, resource }: Pick<RocketmqAcl, 'subject' | 'resource'>): Request => ({
  code: 3008,
  fields: { subject, policyType, resource },
});

/** @throws AppError as the broker answers */
export function parseAclChanged(response: Response): void {
  answered(response, 'a change of access control (3006 to 3008)');
}
