// Checks that errors name the missing ACL.

import { ProtocolError } from '@platformatic/kafka';
import { expect, test } from 'vitest';
import { refusalOf } from '../../../../brokers/kafka/error-names.ts';
import { toAppError } from '../../../../brokers/kafka/errors.ts';
import { neededPermission } from '../../../../brokers/kafka/needed-permission.ts';

test('the operation follows from the request, the resource from the error', () => {
  expect(neededPermission('CLUSTER_AUTHORIZATION_FAILED', 'AlterPartitionReassignments')).toBe(
    'needs Alter on the cluster',
  );
  expect(neededPermission('GROUP_AUTHORIZATION_FAILED', 'OffsetCommit')).toBe('needs Read on the group');
  expect(neededPermission('TOPIC_AUTHORIZATION_FAILED', undefined)).toBe('needs a permission on the topic');
  expect(neededPermission('NOT_LEADER_OR_FOLLOWER', 'Fetch')).toBeUndefined();
});

test('a refused part of an answer names it too', () => {
  expect(refusalOf(0, 'DescribeConfigs')).toBeUndefined();
  expect(refusalOf(6, 'Fetch')).toBe('NOT_LEADER_OR_FOLLOWER');
  expect(refusalOf(29, 'DescribeConfigs')).toBe('TOPIC_AUTHORIZATION_FAILED (needs DescribeConfigs on the topic)');
});

test('an error says where the permissions of each feature are listed', () => {
  const attempt = { action: 'create partitions of topic orders', address: '10.0.0.1:9092', api: 'CreatePartitions' };
  expect(toAppError(new ProtocolError('TOPIC_AUTHORIZATION_FAILED'), attempt)).toMatchObject({
    code: 'broker-refused',
    message:
      'cannot create partitions of topic orders on 10.0.0.1:9092: TOPIC_AUTHORIZATION_FAILED, needs Alter on the topic',
    hint: expect.stringContaining('docs/permissions.md') as string,
  });
});
