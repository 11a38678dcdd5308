// Requests about users and rules of ACL 2.0 (RocketMQ 5.3 and later).

import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { parseJson } from '../../../core/text/parse-json.ts';
import { answered, command, type Response, typedRequest } from './frame.ts';
import type { AclRule } from '../../acl-rule.ts';

// Encodes AUTH_CREATE_USER (3001) to AUTH_LIST_USER (3005) of ACL 2.0 (RocketMQ 5.3 and later), and parses their answers.

export const userTypes = ['normal', 'super'] as const;
type UserType = (typeof userTypes)[number];

/** Absent fields keep their value. */
export interface UserChange {
  password?: string;
  type?: UserType;
  isEnabled?: boolean;
}

/*
 * Request fields  username          3001 to 3003
 *                 filter            3005, empty: all
 *         body    {"username","password","userType":"Normal"|"Super","userStatus":"enable"|"disable"}   3001, 3002
 * Response body   [{"username","password","userType","userStatus"}]   3005; the passwords are not read
 */

const typeNames: Record<UserType, string> = { normal: 'Normal', super: 'Super' };

function bodyOf(username: string, { password, type, isEnabled }: UserChange): Buffer {
  return Buffer.from(
    JSON.stringify({
      username,
      ...(password !== undefined && { password }),
      ...(type !== undefined && { userType: typeNames[type] }),
      ...(isEnabled !== undefined && { userStatus: isEnabled ? 'enable' : 'disable' }),
    }),
  );
}

export const encodeCreateUser = (username: string, change: UserChange) =>
  command(3001, 'change of a user', { username }, bodyOf(username, change));

export const encodeUpdateUser = (username: string, change: UserChange) =>
  command(3002, 'change of a user', { username }, bodyOf(username, change));

export const encodeDeleteUser = (username: string) => command(3003, 'removal of a user', { username });

export const encodeListUsers = () => typedRequest(3005, { filter: '' }, parseListUsers);

const Users = z.array(
  z.looseObject({ username: z.string(), userType: z.string().nullish(), userStatus: z.string().nullish() }),
);

/** Response code of a broker that does not support the request: 4.x, and 5.x before 5.3. */
const notSupported = 3;

/** @returns undefined if the broker has no ACL 2.0. @throws AppError as the broker answers, answer-unreadable */
function rowsOf<Row>(response: Response, what: string, Rows: z.ZodType<Row[]>): Row[] | undefined {
  if (response.code === notSupported) return undefined;
  const { body } = answered(response, what);
  const parsed = Rows.safeParse(body === undefined || body.length === 0 ? [] : parseJson(body.toString('utf8')));
  if (!parsed.success) throw new AppError('answer-unreadable', `${what} cannot be read`);
  return parsed.data;
}

export type BrokerUser = NonNullable<ReturnType<typeof parseListUsers>>[number];

/** Returns and throws as `rowsOf`. */
export function parseListUsers(response: Response) {
  return rowsOf(response, 'the users (3005)', Users)?.map(({ username, userType, userStatus }) => ({
    name: username,
    type: userType?.toLowerCase() === 'super' ? ('super' as const) : ('normal' as const),
    isEnabled: userStatus?.toLowerCase() !== 'disable',
  }));
}

// Encodes AUTH_LIST_ACL (3010) and parses the access control rules of a broker (ACL 2.0, RocketMQ 5.3 and later).

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

// Encodes AUTH_CREATE_ACL (3006), AUTH_UPDATE_ACL (3007) and AUTH_DELETE_ACL (3008) of ACL 2.0 (RocketMQ 5.3 and later).

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
export function encodeSetAcl({ subject, resource, actions, sources, decision }: RocketmqAcl) {
  const entry = { resource, actions, sourceIps: sources, decision: decision === 'deny' ? 'Deny' : 'Allow' };
  const body = JSON.stringify({ subject, policies: [{ policyType, entries: [entry] }] });
  return command(3006, 'change of access control', { subject }, Buffer.from(body));
}

export const encodeDeleteAcl = ({ subject, resource }: Pick<RocketmqAcl, 'subject' | 'resource'>) =>
  command(3008, 'removal of access control', { subject, policyType, resource });
