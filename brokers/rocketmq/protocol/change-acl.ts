// Encodes AUTH_CREATE_ACL (3006), AUTH_UPDATE_ACL (3007) and AUTH_DELETE_ACL (3008) of ACL 2.0 (RocketMQ 5.3 and later).

import { answered, type Response, typedRequest } from './frame.ts';

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

const changed = (response: Response): void => void answered(response, 'a change of access control (3006 to 3008)');

/** Creates the rule, or replaces the one of the same resource. */
export function encodeSetAcl({ subject, resource, actions, sources, decision }: RocketmqAcl) {
  const entry = { resource, actions, sourceIps: sources, decision: decision === 'deny' ? 'Deny' : 'Allow' };
  const body = JSON.stringify({ subject, policies: [{ policyType, entries: [entry] }] });
  return typedRequest(3006, { subject }, changed, Buffer.from(body));
}

export const encodeDeleteAcl = ({ subject, resource }: Pick<RocketmqAcl, 'subject' | 'resource'>) =>
  typedRequest(3008, { subject, policyType, resource }, changed);
