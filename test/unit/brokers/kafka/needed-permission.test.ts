// Checks that errors name the missing ACL.

import { readFileSync } from 'node:fs';
import { ProtocolError } from '@platformatic/kafka';
import { expect, test } from 'vitest';
import { refusalOf, toAppError } from '../../../../brokers/kafka/errors.ts';
import { neededPermission } from '../../../../brokers/kafka/needed-permission.ts';
import { kafkaFeatures, type KafkaGrant } from '../../../../brokers/kafka/permissions.ts';

test('the operation is derived from the request, and the resource from the error', () => {
  expect(neededPermission('CLUSTER_AUTHORIZATION_FAILED', 'AlterPartitionReassignments')).toBe(
    'needs Alter on the cluster',
  );
  expect(neededPermission('GROUP_AUTHORIZATION_FAILED', 'OffsetCommit')).toBe('needs Read on the group');
  expect(neededPermission('TOPIC_AUTHORIZATION_FAILED', undefined)).toBe('needs a permission on the topic');
  expect(neededPermission('NOT_LEADER_OR_FOLLOWER', 'Fetch')).toBeUndefined();
});

test('a refused part of a response names the needed permission', () => {
  expect(refusalOf(0, 'DescribeConfigs')).toBeUndefined();
  expect(refusalOf(6, 'Fetch')).toBe('NOT_LEADER_OR_FOLLOWER');
  expect(refusalOf(29, 'DescribeConfigs')).toBe('TOPIC_AUTHORIZATION_FAILED (needs DescribeConfigs on the topic)');
});

test('the hint of an authorization error links the permissions of each feature', () => {
  const attempt = { action: 'create partitions of topic orders', address: '10.0.0.1:9092', api: 'CreatePartitions' };
  expect(toAppError(new ProtocolError('TOPIC_AUTHORIZATION_FAILED'), attempt)).toMatchObject({
    code: 'broker-refused',
    message:
      'cannot create partitions of topic orders on 10.0.0.1:9092: TOPIC_AUTHORIZATION_FAILED, needs Alter on the topic',
    hint: expect.stringContaining('docs/reference/permissions.md') as string,
  });
});

test('every command with a canary option is listed with the canary permissions', () => {
  const document = new URL('../../../../docs/reference/data/commands.json', import.meta.url);
  const { commands } = JSON.parse(readFileSync(document, 'utf8')) as {
    commands: { name: string; options: { name: string }[] }[];
  };
  const sending = commands.filter(({ options }) => options.some(({ name }) => name === 'canary'));
  const listed: readonly string[] = kafkaFeatures.canary.commands;
  expect(sending.length).toBeGreaterThan(0);
  expect(sending.filter(({ name }) => !listed.includes(`${name} (canary)`))).toEqual([]);
});

test.each([
  ['storeTimes', 'topic * Read'],
  ['transactions', 'transactional id plimsoll-* Write'],
  ['capture', 'group plimsoll-capture-* Delete'],
] as const)('the permissions for %s are listed', (feature, wanted) => {
  const { grants }: { grants: readonly KafkaGrant[] } = kafkaFeatures[feature];
  expect(grants.map(({ resource, name, operation }) => `${resource} ${name} ${operation}`)).toContain(wanted);
});

test('ab-test changes broker settings and lists the needed permission', () => {
  const { commands, grants } = kafkaFeatures.brokerSettings;
  expect(commands).toContainEqual(expect.stringMatching(/^ab-test /));
  expect(grants).toContainEqual(expect.objectContaining({ resource: 'cluster', operation: 'AlterConfigs' }));
});
