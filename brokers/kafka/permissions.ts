// Lists the least Kafka ACLs of each feature; docs/reference/permissions.md is generated from it.

import { canaryUses, uses } from '../permitted-uses.ts';
import { leaseGroup } from './lease/lease-group.ts';
import type { KafkaOperation, KafkaResource } from './needed-permission.ts';

const silent = 'left out by Kafka without an error';
/**
 * @param name `TOPIC`, `GROUP`: those of the command. `*`: all. A name that ends in `*` is a prefix
 * @param without `refused`: an error names the permission, or an implied one that is checked first
 */
const grant = (
  resource: KafkaResource,
  name: string,
  operation: KafkaOperation,
  use: string,
  without: 'refused' | typeof silent = 'refused',
) => ({ resource, name, operation, use, without });
export type KafkaGrant = ReturnType<typeof grant>;
const onCluster = (operation: KafkaOperation, use: string) => grant('cluster', 'kafka-cluster', operation, use);

const lease = [
  grant('group', leaseGroup, 'Read', 'take and renew the lease'),
  grant('topic', '__consumer_offsets', 'Read', 'write the lease'),
] as const;

const monitoring = [
  onCluster('Describe', 'log directories, quorum of controllers, list of all groups'),
  grant('topic', '*', 'Describe', 'partitions, leaders, offsets and lag', silent),
  grant('topic', '*', 'DescribeConfigs', 'settings of topics'),
  grant('group', '*', 'Describe', 'state and members of groups, committed offsets'),
] as const;

const settings = onCluster('DescribeConfigs', 'settings of brokers, client quotas');

/** @param commands commands that a user runs */
const feature = (title: string, commands: readonly string[], ...grants: readonly KafkaGrant[]) => ({
  title,
  commands,
  grants,
});
export type KafkaFeature = ReturnType<typeof feature>;

/** A feature that changes the cluster, which takes the lease. */
const change = (title: string, commands: readonly string[], ...grants: readonly KafkaGrant[]) =>
  feature(title, commands, ...grants, ...lease);

export const kafkaFeatures = {
  monitoring: feature(...uses.monitoring, ...monitoring),
  storeTimes: feature(
    'Store times and transaction markers',
    ['exporter (store times, markers)', 'serve (store times, markers)'],
    grant(
      'topic',
      '*',
      'Read',
      'date messages older than the history and recognize transaction markers; optional: without it, some lags in seconds are unknown and markers count as unread or lost messages',
      silent,
    ),
  ),
  lag: feature(
    ...uses.lag,
    grant('group', 'GROUP', 'Describe', 'committed offsets and members', silent),
    grant('topic', 'TOPIC', 'Describe', 'ends of the partitions', silent),
  ),
  settings: feature(
    'Settings of brokers',
    ['get config', 'get quotas', 'serve (pages of settings and of a broker)'],
    settings,
  ),
  clients: feature(...uses.clients, grant('topic', 'TOPIC', 'Read', 'sample what the busiest topics store')),
  acls: feature(...uses.acls, onCluster('Describe', 'list the rules')),
  check: feature(...uses.check, monitoring[1], monitoring[2], settings),
  message: feature(...uses.message, grant('topic', 'TOPIC', 'Read', 'fetch the message')),
  messages: feature(...uses.messages, grant('topic', 'TOPIC', 'Read', 'read offsets, fetch the messages')),
  receive: feature(
    ...uses.receive,
    grant('topic', 'TOPIC', 'Read', 'read offsets, fetch the messages'),
    grant('group', 'GROUP', 'Describe', 'read where it has committed (--group)'),
  ),
  commitReceived: change(
    ...uses.commitReceived,
    grant('topic', 'TOPIC', 'Read', 'fetch the messages, commit offsets'),
    grant('group', 'GROUP', 'Read', 'read and commit its offsets'),
  ),
  canary: feature(
    'Canary',
    [...canaryUses, 'ops kafka reassign (canary)', 'redline (canary)'],
    grant('topic', 'TOPIC', 'Write', 'send the probe'),
    grant('topic', 'TOPIC', 'Read', 'read the probe'),
  ),
  loadTest: feature(
    'Load test',
    ['run'],
    ...monitoring,
    settings,
    grant('topic', 'plimsoll-*', 'Create', 'create the topic of the test'),
    grant('topic', 'plimsoll-*', 'Write', 'send messages'),
    grant('topic', 'plimsoll-*', 'Read', 'consume messages'),
    grant('topic', 'plimsoll-*', 'Delete', 'delete the topic at the end'),
    grant('group', 'plimsoll-*', 'Read', 'join the consumer groups of the test'),
    grant('group', 'plimsoll-*', 'Delete', 'delete the consumer groups at the end'),
  ),
  transactions: feature(
    'Load test with transactions',
    ['run with transactions (and those of Load test)'],
    grant('transactional id', 'plimsoll-*', 'Write', 'begin and end transactions'),
  ),
  capture: feature(
    ...uses.capture,
    grant('topic', 'TOPIC', 'Read', 'find the topic, consume messages', silent),
    grant('group', 'plimsoll-capture-*', 'Read', 'join the consumer group of the capture'),
    grant('group', 'plimsoll-capture-*', 'Delete', 'delete the consumer group at the end'),
  ),
  lease: feature(...uses.lease, ...lease),
  reassign: change(
    'Reassignment',
    ['ops kafka reassign', 'redline (and those of Monitoring)'],
    onCluster('Alter', 'read sizes of replicas, move replicas, elect leaders'),
    onCluster('AlterConfigs', 'read, set and remove throttles of brokers'),
    grant('topic', 'TOPIC', 'Describe', 'find the replicas', silent),
    grant('topic', 'TOPIC', 'AlterConfigs', 'read, set and remove throttled replicas'),
  ),
  retention: feature(
    'Shorter retention during a reassignment',
    ['ops kafka reassign --cut-retention'],
    grant('group', '*', 'Describe', 'unread messages of every group that reads the topics'),
  ),
  partitions: change(
    'More partitions',
    ['ops kafka partitions'],
    grant('topic', 'TOPIC', 'Alter', 'find and create partitions', silent),
    grant('topic', 'TOPIC', 'Read', 'sample keys'),
    grant('topic', 'TOPIC', 'DescribeConfigs', 'find out whether the topic is compacted'),
    grant('group', 'GROUP', 'Describe', 'name the groups whose message order changes', silent),
    grant('topic', '*', 'Describe', 'find internal topics of Kafka Streams', silent),
  ),
  offsets: change(
    ...uses.offsets,
    grant('group', 'GROUP', 'Read', 'read and commit offsets'),
    grant('topic', 'TOPIC', 'Read', 'read the ends of the partitions, commit offsets', silent),
  ),
  send: change(...uses.send, grant('topic', 'TOPIC', 'Write', 'send the message')),
  createTopic: change(
    'Creating a topic',
    ['ops kafka create-topic'],
    grant('topic', 'TOPIC', 'Create', 'create the topic'),
    grant('topic', 'TOPIC', 'Describe', 'check that it has leaders', silent),
  ),
  alterTopic: change(
    'Settings of a topic',
    ['ops kafka alter-topic'],
    grant('topic', 'TOPIC', 'AlterConfigs', 'read and set its settings'),
    grant('topic', 'TOPIC', 'Describe', 'find the topic', silent),
    grant('group', '*', 'Describe', 'name the groups that have not read what a shorter retention deletes', silent),
  ),
  deleteTopic: change(
    'Deleting a topic',
    ['ops kafka delete-topic'],
    grant('topic', 'TOPIC', 'Delete', 'find and delete the topic', silent),
    grant('topic', 'TOPIC', 'DescribeConfigs', 'show its settings, to create it again'),
    grant('group', '*', 'Describe', 'name the groups that read it', silent),
    onCluster('Describe', 'bytes on disk, list of all groups'),
  ),
  deleteRecords: change(
    'Deleting the oldest messages of a topic',
    ['ops kafka delete-records'],
    grant('topic', 'TOPIC', 'Delete', 'find the topic and its offsets, delete the messages', silent),
    grant('topic', 'TOPIC', 'DescribeConfigs', 'check that it is not compacted'),
    grant('group', '*', 'Describe', 'name the groups that have not read them', silent),
  ),
  alterAcls: change(
    'Changing access control rules',
    ['ops kafka alter-acls'],
    onCluster('Alter', 'list, create and delete rules'),
  ),
  scramUser: change(
    'Creating and deleting SCRAM users',
    ['ops kafka alter-scram-user'],
    onCluster('Alter', 'read, set and delete passwords'),
  ),
  roll: change(
    'Rolling restarts',
    ['instances roll', 'instances upgrade', 'instances reconfigure', 'instances restart (and those of Monitoring)'],
    onCluster('Alter', 'elect the preferred leaders of a restarted broker'),
  ),
  brokerSettings: change(
    'Changing settings of brokers',
    ['ops kafka alter-config', 'ab-test (and those of Load test)'],
    onCluster('AlterConfigs', 'read and set settings'),
  ),
  quotas: change('Changing quotas', ['ops kafka alter-quotas'], onCluster('AlterConfigs', 'read and set quotas')),
  deleteGroup: change(
    'Deleting a consumer group or its offsets',
    ['ops kafka delete-group'],
    grant('group', 'GROUP', 'Delete', 'delete the group or its offsets'),
    grant('topic', 'TOPIC', 'Read', 'read the ends of the partitions, delete offsets', silent),
  ),
  resend: change(
    'Resending dead-letter messages',
    ['ops kafka resend'],
    grant('topic', 'DEAD-LETTER-TOPIC', 'Read', 'read offsets, fetch the messages'),
    grant('topic', 'TOPIC', 'Write', 'send the copies'),
    grant('topic', 'TOPIC', 'Read', 'find copies after an interruption, and read them back'),
  ),
};
