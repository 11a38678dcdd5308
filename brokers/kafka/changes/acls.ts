// Lists access control entries with DescribeAcls, from any broker.

import { describeAclsV2, describeAclsV3 } from '@platformatic/kafka';
import type { AclRule } from '../../acl-rule.ts';
import type { Io } from '../../driver.ts';
import { newestSpoken, type Link } from '../wire/links.ts';

const any = 1;
/** By number, from Kafka's ResourceType, PatternType, AclOperation and AclPermissionType. */
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
export async function readAcls(link: Link, io: Io): Promise<AclRule[]> {
  const api = newestSpoken(link, 'DescribeAcls', [
    [3, describeAclsV3.api],
    [2, describeAclsV2.api],
  ]);
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
