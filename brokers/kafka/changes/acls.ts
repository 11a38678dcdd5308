// Lists, creates and deletes access control entries with DescribeAcls, CreateAcls and DeleteAcls.

import { z } from 'zod';
import {
  createAclsV2,
  createAclsV3,
  deleteAclsV2,
  deleteAclsV3,
  describeAclsV2,
  describeAclsV3,
  type Acl,
} from '../library.ts';
import type { AclRule } from '../../acl-rule.ts';
import type { Io } from '../../driver.ts';
import { newestSpoken, type Link } from '../wire/links.ts';
import { refuse } from './settings.ts';

const any = 1;
/** Names by number, from Kafka's ResourceType, PatternType, AclOperation and AclPermissionType. */
const resources = ['unknown', 'any', 'topic', 'group', 'cluster', 'transactional id', 'delegation token', 'user'];
const operations = [
  'unknown',
  'any',
  'All',
  'Read',
  'Write',
  'Create',
  'Delete',
  'Alter',
  'Describe',
  'ClusterAction',
  'DescribeConfigs',
  'AlterConfigs',
  'IdempotentWrite',
  'CreateTokens',
  'DescribeTokens',
  'TwoPhaseCommit',
];
const prefixed = 4;
const deny = 2;

/** @throws AppError broker-refused without an authorizer, or without Describe on the cluster */
export async function readAcls(link: Link, io: Io): Promise<readonly AclRule[]> {
  const api = newestSpoken(link, describeAclsV3.api, describeAclsV2.api);
  const filter = {
    resourceType: any,
    resourceName: null,
    resourcePatternType: any,
    principal: null,
    host: null,
    operation: any,
    permissionType: any,
  } as const;
  const answer = await link.ask('list the ACLs', io, api, filter);
  return answer.resources.flatMap(({ resourceType, resourceName, resourcePatternType, acls }) =>
    acls.map(({ principal, host, operation, permissionType }) => ({
      subject: principal,
      resource: resources[resourceType] ?? `type ${resourceType}`,
      name: resourcePatternType === prefixed ? `${resourceName}*` : resourceName,
      actions: [operations[operation] ?? `operation ${operation}`],
      decision: permissionType === deny ? ('deny' as const) : ('allow' as const),
      sources: host === '*' ? [] : [host],
    })),
  );
}

export const aclOperations = operations.slice(2);

/** One rule as Kafka stores it, with one operation and one address. */
export const KafkaAcl = z.strictObject({
  subject: z.string().regex(/^[^:\s]+:.+$/, 'expected a subject such as User:alice'),
  resource: z.enum(['topic', 'group', 'cluster', 'transactional id']),
  name: z.string().min(1),
  isPrefix: z.boolean(),
  operation: z.enum(aclOperations),
  decision: z.enum(['allow', 'deny']),
  /** An address, or `*`. */
  host: z.string().min(1),
});
export type KafkaAcl = z.infer<typeof KafkaAcl>;

const literal = 3;
const allow = 3;

/** @returns whether a listed rule is this one */
export const isAcl = (rule: AclRule, acl: KafkaAcl): boolean =>
  rule.subject === acl.subject &&
  rule.resource === acl.resource &&
  rule.name === (acl.isPrefix ? `${acl.name}*` : acl.name) &&
  rule.actions.includes(acl.operation) &&
  rule.decision === acl.decision &&
  (rule.sources[0] ?? '*') === acl.host;

export const aclText = ({ subject, decision, operation, resource, name, isPrefix, host }: KafkaAcl): string =>
  `${decision} ${subject} ${operation} on ${resource} ${name}${isPrefix ? '*' : ''}${host === '*' ? '' : ` from ${host}`}`;

/**
 * Existing rules are no error. @throws AppError broker-refused without an authorizer, or without Alter on the cluster
 */
export async function createAcls(link: Link, acls: readonly KafkaAcl[], io: Io): Promise<void> {
  const api = newestSpoken(link, createAclsV3.api, createAclsV2.api);
  const action = 'create access control rules';
  const { results } = await link.askForParts(action, io, api, acls.map(wireAcl));
  for (const { errorCode, errorMessage } of results)
    refuse(link, { action, api: 'CreateAcls' }, errorCode, errorMessage);
}

/** Missing rules are no error. @throws AppError as createAcls */
export async function deleteAcls(link: Link, acls: readonly KafkaAcl[], io: Io): Promise<void> {
  const api = newestSpoken(link, deleteAclsV3.api, deleteAclsV2.api);
  const action = 'delete access control rules';
  const { filterResults } = await link.askForParts(action, io, api, acls.map(wireAcl));
  for (const { errorCode, errorMessage } of filterResults) {
    refuse(link, { action, api: 'DeleteAcls' }, errorCode, errorMessage);
  }
}

function wireAcl({ subject, resource, name, isPrefix, operation, decision, host }: KafkaAcl): Acl {
  return {
    resourceType: resources.indexOf(resource) as Acl['resourceType'],
    resourceName: name,
    resourcePatternType: isPrefix ? prefixed : literal,
    principal: subject,
    host,
    operation: operations.indexOf(operation) as Acl['operation'],
    permissionType: decision === 'deny' ? deny : allow,
  };
}
