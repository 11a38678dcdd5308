// Lists the least Kafka ACLs of each feature; docs/permissions.md is generated from it.

import { leaseGroup } from './lease/lease-group.ts';
import type { KafkaOperation, KafkaResource } from './needed-permission.ts';

export interface KafkaGrant {
  resource: KafkaResource;
  /** `TOPIC`, `GROUP`: those concerned. `*`: all. A name that ends in `*` is a prefix. */
  name: string;
  operation: KafkaOperation;
  use: string;
  /** `refused`: an error names the permission, or the one that it implies and that is checked first. */
  without: 'refused' | 'left out by Kafka without an error';
}

export interface KafkaFeature {
  title: string;
  /** What a user runs. */
  commands: readonly string[];
  grants: readonly KafkaGrant[];
}

const silent = 'left out by Kafka without an error';
const grant = (
  resource: KafkaResource,
  name: string,
  operation: KafkaOperation,
  use: string,
  without: KafkaGrant['without'] = 'refused',
): KafkaGrant => ({ resource, name, operation, use, without });
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

export const kafkaFeatures = {
  monitoring: {
    title: 'Exporter and monitoring',
    commands: ['exporter', 'serve', 'top', 'get brokers', 'get topics', 'get groups', 'get topic'],
    grants: monitoring,
  },
  storeTimes: {
    title: 'Store times and transaction markers',
    commands: ['exporter (store times, markers)', 'serve (store times, markers)'],
    grants: [
      grant(
        'topic',
        '*',
        'Read',
        'date messages older than the history and recognize transaction markers; optional: without it, some lags in seconds are unknown and markers count as unread or lost messages',
        silent,
      ),
    ],
  },
  lag: {
    title: 'Lag of one consumer group',
    commands: ['get group'],
    grants: [
      grant('group', 'GROUP', 'Describe', 'committed offsets and members', silent),
      grant('topic', 'TOPIC', 'Describe', 'ends of the partitions', silent),
    ],
  },
  settings: {
    title: 'Settings of brokers',
    commands: ['get config', 'get quotas', 'serve (pages of settings and of a broker)'],
    grants: [settings],
  },
  clients: {
    title: 'Clients of a cluster',
    commands: ['get clients (and those of Monitoring)', 'serve (page of clients)'],
    grants: [grant('topic', 'TOPIC', 'Read', 'sample what the busiest topics store')],
  },
  acls: { title: 'Access control rules', commands: ['get acls'], grants: [onCluster('Describe', 'list the rules')] },
  check: {
    title: 'Cluster check',
    commands: ['cluster check', 'ready'],
    grants: [monitoring[1], monitoring[2], settings],
  },
  message: {
    title: 'Reading a message',
    commands: ['get message'],
    grants: [grant('topic', 'TOPIC', 'Read', 'fetch the message')],
  },
  messages: {
    title: 'Browsing messages',
    commands: ['get messages', 'serve (page of messages)'],
    grants: [grant('topic', 'TOPIC', 'Read', 'read offsets, fetch the messages')],
  },
  receive: {
    title: 'Receiving messages',
    commands: ['receive', 'receive --group'],
    grants: [
      grant('topic', 'TOPIC', 'Read', 'read offsets, fetch the messages'),
      grant('group', 'GROUP', 'Describe', 'read where it has committed (--group)'),
    ],
  },
  commitReceived: {
    title: 'Receiving messages for a consumer group',
    commands: ['receive --group --commit'],
    grants: [
      grant('topic', 'TOPIC', 'Read', 'fetch the messages, commit offsets'),
      grant('group', 'GROUP', 'Read', 'read and commit its offsets'),
      ...lease,
    ],
  },
  canary: {
    title: 'Canary',
    commands: [
      'exporter (canary)',
      'instances roll (canary)',
      'instances upgrade (canary)',
      'instances reconfigure (canary)',
      'ops kafka reassign (canary)',
      'redline (canary)',
    ],
    grants: [grant('topic', 'TOPIC', 'Write', 'send the probe'), grant('topic', 'TOPIC', 'Read', 'read the probe')],
  },
  loadTest: {
    title: 'Load test',
    commands: ['run'],
    grants: [
      ...monitoring,
      settings,
      grant('topic', 'plimsoll-*', 'Create', 'create the topic of the test'),
      grant('topic', 'plimsoll-*', 'Write', 'send messages'),
      grant('topic', 'plimsoll-*', 'Read', 'consume messages'),
      grant('topic', 'plimsoll-*', 'Delete', 'delete the topic at the end'),
      grant('group', 'plimsoll-*', 'Read', 'join the consumer groups of the test'),
      grant('group', 'plimsoll-*', 'Delete', 'delete the consumer groups at the end'),
    ],
  },
  transactions: {
    title: 'Load test with transactions',
    commands: ['run with transactions (and those of Load test)'],
    grants: [grant('transactional id', 'plimsoll-*', 'Write', 'begin and end transactions')],
  },
  capture: {
    title: 'Capturing a topic',
    commands: ['capture'],
    grants: [
      grant('topic', 'TOPIC', 'Read', 'find the topic, consume messages', silent),
      grant('group', 'plimsoll-capture-*', 'Read', 'join the consumer group of the capture'),
      grant('group', 'plimsoll-capture-*', 'Delete', 'delete the consumer group at the end'),
    ],
  },
  lease: {
    title: 'Lease of changes',
    commands: ['ops status', 'every --execute, --resume and --abort'],
    grants: lease,
  },
  reassign: {
    title: 'Reassignment',
    commands: ['ops kafka reassign', 'redline (and those of Monitoring)'],
    grants: [
      onCluster('Alter', 'read sizes of replicas, move replicas, elect leaders'),
      onCluster('AlterConfigs', 'read, set and remove throttles of brokers'),
      grant('topic', 'TOPIC', 'Describe', 'find the replicas', silent),
      grant('topic', 'TOPIC', 'AlterConfigs', 'read, set and remove throttled replicas'),
      ...lease,
    ],
  },
  retention: {
    title: 'Shorter retention during a reassignment',
    commands: ['ops kafka reassign --cut-retention'],
    grants: [grant('group', '*', 'Describe', 'unread messages of every group that reads the topics')],
  },
  partitions: {
    title: 'More partitions',
    commands: ['ops kafka partitions'],
    grants: [
      grant('topic', 'TOPIC', 'Alter', 'find and create partitions', silent),
      grant('topic', 'TOPIC', 'Read', 'sample keys'),
      grant('topic', 'TOPIC', 'DescribeConfigs', 'find out whether the topic is compacted'),
      grant('group', 'GROUP', 'Describe', 'name the groups whose message order changes', silent),
      grant('topic', '*', 'Describe', 'find internal topics of Kafka Streams', silent),
      ...lease,
    ],
  },
  offsets: {
    title: 'Offsets of a consumer group',
    commands: ['ops offsets backup', 'ops offsets reset', 'ops offsets restore', 'ops offsets copy'],
    grants: [
      grant('group', 'GROUP', 'Read', 'read and commit offsets'),
      grant('topic', 'TOPIC', 'Read', 'read the ends of the partitions, commit offsets', silent),
      ...lease,
    ],
  },
  send: {
    title: 'Sending a message',
    commands: ['send'],
    grants: [grant('topic', 'TOPIC', 'Write', 'send the message'), ...lease],
  },
  createTopic: {
    title: 'Creating a topic',
    commands: ['ops kafka create-topic'],
    grants: [
      grant('topic', 'TOPIC', 'Create', 'create the topic'),
      grant('topic', 'TOPIC', 'Describe', 'check that it has leaders', silent),
      ...lease,
    ],
  },
  alterTopic: {
    title: 'Settings of a topic',
    commands: ['ops kafka alter-topic'],
    grants: [
      grant('topic', 'TOPIC', 'AlterConfigs', 'read and set its settings'),
      grant('topic', 'TOPIC', 'Describe', 'find the topic', silent),
      grant('group', '*', 'Describe', 'name the groups that have not read what a shorter retention deletes', silent),
      ...lease,
    ],
  },
  deleteTopic: {
    title: 'Deleting a topic',
    commands: ['ops kafka delete-topic'],
    grants: [
      grant('topic', 'TOPIC', 'Delete', 'find and delete the topic', silent),
      grant('topic', 'TOPIC', 'DescribeConfigs', 'show its settings, to create it again'),
      grant('group', '*', 'Describe', 'name the groups that read it', silent),
      onCluster('Describe', 'bytes on disk, list of all groups'),
      ...lease,
    ],
  },
  deleteRecords: {
    title: 'Deleting the oldest messages of a topic',
    commands: ['ops kafka delete-records'],
    grants: [
      grant('topic', 'TOPIC', 'Delete', 'find the topic and its offsets, delete the messages', silent),
      grant('topic', 'TOPIC', 'DescribeConfigs', 'check that it is not compacted'),
      grant('group', '*', 'Describe', 'name the groups that have not read them', silent),
      ...lease,
    ],
  },
  alterAcls: {
    title: 'Changing access control rules',
    commands: ['ops kafka alter-acls'],
    grants: [onCluster('Alter', 'list, create and delete rules'), ...lease],
  },
  scramUser: {
    title: 'Creating and deleting SCRAM users',
    commands: ['ops kafka alter-scram-user'],
    grants: [onCluster('Alter', 'read, set and delete passwords'), ...lease],
  },
  roll: {
    title: 'Rolling restarts',
    commands: [
      'instances roll',
      'instances upgrade',
      'instances reconfigure',
      'instances restart (and those of Monitoring)',
    ],
    grants: [onCluster('Alter', 'elect the preferred leaders of a restarted broker'), ...lease],
  },
  brokerSettings: {
    title: 'Changing settings of brokers',
    commands: ['ops kafka alter-config', 'ab-test (and those of Load test)'],
    grants: [onCluster('AlterConfigs', 'read and set settings'), ...lease],
  },
  quotas: {
    title: 'Changing quotas',
    commands: ['ops kafka alter-quotas'],
    grants: [onCluster('AlterConfigs', 'read and set quotas'), ...lease],
  },
  deleteGroup: {
    title: 'Deleting a consumer group or its offsets',
    commands: ['ops kafka delete-group'],
    grants: [
      grant('group', 'GROUP', 'Delete', 'delete the group or its offsets'),
      grant('topic', 'TOPIC', 'Read', 'read the ends of the partitions, delete offsets', silent),
      ...lease,
    ],
  },
  resend: {
    title: 'Resending dead-letter messages',
    commands: ['ops kafka resend'],
    grants: [
      grant('topic', 'DEAD-LETTER-TOPIC', 'Read', 'read offsets, fetch the messages'),
      grant('topic', 'TOPIC', 'Write', 'send the copies'),
      grant('topic', 'TOPIC', 'Read', 'find copies after an interruption, and read them back'),
      ...lease,
    ],
  },
} as const satisfies Record<string, KafkaFeature>;
