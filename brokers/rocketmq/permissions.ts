// Lists the least RocketMQ permissions of each feature; docs/permissions.md is generated from it.

import { toolsGroup } from './inspect/topic-kind.ts';
import type { RocketmqAction, RocketmqResource } from './needed-permission.ts';

export interface RocketmqGrant {
  resource: RocketmqResource;
  /** `TOPIC`, `GROUP`: those concerned. `*`: all. A name that ends in `*` is a prefix. Group `GROUP_TOPIC`: a POP retry topic. */
  name: string;
  action: RocketmqAction;
  use: string;
}

export interface RocketmqFeature {
  title: string;
  commands: readonly string[];
  /** ACL 2.0, RocketMQ 5.3 and later. A user with none of them still has to exist. */
  grants: readonly RocketmqGrant[];
  /** plain_acl.yml of RocketMQ 4.x. */
  plain: PlainGrants;
}

interface PlainGrants {
  admin?: true;
  topicPerms?: readonly string[];
  groupPerms?: readonly string[];
}

const grant = (resource: RocketmqResource, name: string, action: RocketmqAction, use: string): RocketmqGrant => ({
  resource,
  name,
  action,
  use,
});

const pulls = grant('group', toolsGroup, 'SUB', 'pull with the group of the tools');

const everyTopic = grant('topic', '*', 'GET', 'offsets of the queues');
const everyProducer = grant('cluster', '*', 'GET', 'connected producers of each broker');
const everyGroup = grant('group', '*', 'GET', 'members and consumption of groups');

/** A closed broker still takes messages; one of each sender is read to name it. */
const senders = [
  grant('topic', '*', 'SUB', 'read a message of a client that still sends'),
  pulls,
  grant('cluster', '*', 'GET', 'name the client that sent it'),
];

const anyAccount: PlainGrants = {};
const administrator: PlainGrants = { admin: true };

export const rocketmqFeatures = {
  monitoring: {
    title: 'Exporter and monitoring',
    commands: ['exporter', 'serve', 'top', 'get brokers', 'get topics', 'get groups', 'get topic'],
    grants: [everyTopic, everyGroup],
    plain: anyAccount,
  },
  lag: {
    title: 'Lag of one consumer group',
    commands: ['get group'],
    grants: [
      grant('topic', '*', 'GET', 'ends of the queues of all topics, since a single refusal hides the others'),
      grant('group', '*', 'GET', 'members of the group, and ends of the retry topics of all groups'),
    ],
    plain: anyAccount,
  },
  producers: {
    title: 'Producers',
    commands: ['get producers', 'serve (page of producers)'],
    grants: [everyProducer],
    plain: anyAccount,
  },
  clients: {
    title: 'Clients of a cluster',
    commands: ['get clients (and those of Monitoring)', 'serve (page of clients)'],
    grants: [
      everyProducer,
      grant('topic', 'TOPIC', 'SUB', 'sample what the busiest topics store'),
      grant('topic', 'TOPIC', 'GET', 'read the offsets of its queues'),
      pulls,
    ],
    plain: { topicPerms: ['TOPIC=SUB'], groupPerms: [`${toolsGroup}=SUB`] },
  },
  settings: {
    title: 'Settings of brokers',
    commands: ['get config', 'serve (pages of settings and of a broker)'],
    grants: [],
    plain: anyAccount,
  },
  acls: {
    title: 'Access control rules',
    commands: ['get acls'],
    grants: [grant('cluster', '*', 'GET', 'list the rules of each broker')],
    plain: anyAccount,
  },
  check: { title: 'Cluster check', commands: ['cluster check', 'ready'], grants: [everyProducer], plain: anyAccount },
  message: {
    title: 'Reading a message',
    commands: ['get message'],
    grants: [grant('topic', 'TOPIC', 'SUB', 'pull the message'), pulls],
    plain: { topicPerms: ['TOPIC=SUB'], groupPerms: [`${toolsGroup}=SUB`] },
  },
  messages: {
    title: 'Browsing messages',
    commands: ['get messages', 'serve (page of messages)'],
    grants: [
      grant('topic', 'TOPIC', 'SUB', 'pull the messages'),
      grant('topic', 'TOPIC', 'GET', 'read the offsets of its queues'),
      pulls,
    ],
    plain: { topicPerms: ['TOPIC=SUB'], groupPerms: [`${toolsGroup}=SUB`] },
  },
  receive: {
    title: 'Receiving messages',
    commands: ['receive', 'receive --group'],
    grants: [
      grant('topic', 'TOPIC', 'SUB', 'pull the messages'),
      grant('topic', 'TOPIC', 'GET', 'read the offsets of its queues'),
      pulls,
    ],
    plain: { topicPerms: ['TOPIC=SUB'], groupPerms: [`${toolsGroup}=SUB`] },
  },
  commitReceived: {
    title: 'Receiving messages for a consumer group',
    commands: ['receive --group --commit'],
    grants: [
      grant('topic', 'TOPIC', 'SUB', 'pull the messages'),
      grant('topic', 'TOPIC', 'GET', 'read the offsets of its queues'),
      grant('topic', 'TOPIC', 'UPDATE', 'set the offsets'),
      pulls,
      grant('group', 'GROUP', 'GET', 'members and offsets of the group'),
      grant('group', 'GROUP', 'UPDATE', 'set the offsets'),
    ],
    plain: { topicPerms: ['TOPIC=SUB'], groupPerms: [`${toolsGroup}=SUB`, 'GROUP=SUB'] },
  },
  canary: {
    title: 'Canary',
    commands: [
      'exporter (canary)',
      'instances roll (canary)',
      'instances upgrade (canary)',
      'instances reconfigure (canary)',
      'redline (canary)',
    ],
    grants: [grant('topic', 'TOPIC', 'PUB', 'send the probe'), grant('topic', 'TOPIC', 'SUB', 'pull the probe'), pulls],
    plain: { topicPerms: ['TOPIC=PUB|SUB'], groupPerms: [`${toolsGroup}=SUB`] },
  },
  loadTest: {
    title: 'Load test',
    commands: ['run', 'run --cleanup'],
    grants: [
      everyTopic,
      everyGroup,
      grant('topic', 'plimsoll-*', 'CREATE', 'create the topic of the run'),
      grant('topic', 'plimsoll-*', 'PUB', 'send'),
      grant('topic', 'plimsoll-*', 'SUB', 'receive'),
      grant('topic', 'plimsoll-*', 'DELETE', 'delete the topic of the run'),
      grant('group', 'plimsoll-*', 'SUB', 'receive'),
      grant('group', 'plimsoll-*', 'DELETE', 'delete the groups of the run'),
      grant('topic', '%DLQ%plimsoll-*', 'DELETE', 'delete the dead letter topic of a group'),
    ],
    plain: administrator,
  },
  capture: {
    title: 'Capturing a topic',
    commands: ['capture'],
    grants: [
      grant('topic', 'TOPIC', 'SUB', 'pull the messages'),
      grant('topic', 'TOPIC', 'GET', 'read the offsets of its queues'),
      grant('group', 'plimsoll-capture-*', 'SUB', 'join the consumer group of the capture'),
      grant('group', 'plimsoll-capture-*', 'DELETE', 'delete the consumer group at the end'),
      grant('topic', '%DLQ%plimsoll-capture-*', 'DELETE', 'delete its dead-letter topic'),
    ],
    plain: administrator,
  },
  lease: {
    title: 'Lease of changes',
    commands: ['ops status', 'every --execute, --resume and --abort'],
    grants: [],
    plain: anyAccount,
  },
  offsets: {
    title: 'Offsets of a consumer group',
    commands: ['ops offsets backup', 'ops offsets reset', 'ops offsets restore', 'ops offsets copy'],
    grants: [
      grant('topic', 'TOPIC', 'GET', 'ends of the queues'),
      grant('topic', 'TOPIC', 'UPDATE', 'set the offsets'),
      grant('group', 'GROUP', 'GET', 'members and offsets of the group'),
      grant('group', 'GROUP', 'UPDATE', 'set the offsets'),
    ],
    plain: { topicPerms: ['TOPIC=SUB'], groupPerms: ['GROUP=SUB'] },
  },
  resend: {
    title: 'Resending dead-letter messages',
    commands: ['ops rocketmq resend --to', 'ops rocketmq resend --to-origin'],
    grants: [
      grant('topic', 'DEAD-LETTER-TOPIC', 'SUB', 'pull the messages'),
      grant('topic', 'DEAD-LETTER-TOPIC', 'GET', 'read the offsets of its queues'),
      grant('topic', 'TOPIC', 'PUB', 'send the copies'),
      grant('topic', 'TOPIC', 'SUB', 'read the copies back'),
      grant('topic', 'TOPIC', 'GET', 'read the offsets of its queues'),
      pulls,
    ],
    plain: { topicPerms: ['DEAD-LETTER-TOPIC=SUB', 'TOPIC=PUB|SUB'], groupPerms: [`${toolsGroup}=SUB`] },
  },
  send: {
    title: 'Sending a message',
    commands: ['send'],
    grants: [grant('topic', 'TOPIC', 'PUB', 'send the message')],
    plain: { topicPerms: ['TOPIC=PUB'] },
  },
  defineTopic: {
    title: 'Creating or altering a topic',
    commands: ['ops rocketmq create-topic', 'ops rocketmq alter-topic'],
    grants: [grant('topic', 'TOPIC', 'CREATE', 'define the topic')],
    plain: administrator,
  },
  deleteTopic: {
    title: 'Deleting a topic',
    commands: ['ops rocketmq delete-topic'],
    grants: [
      grant('topic', 'TOPIC', 'GET', 'offsets of the queues'),
      everyGroup,
      grant('topic', 'TOPIC', 'DELETE', 'delete the topic'),
      grant('group', 'GROUP_TOPIC', 'DELETE', 'delete the retry topics of its POP consumers'),
    ],
    plain: administrator,
  },
  alterAcl: {
    title: 'Changing access control rules',
    commands: ['ops rocketmq alter-acl'],
    grants: [
      grant('cluster', '*', 'GET', 'list the rules of each broker'),
      grant('cluster', '*', 'UPDATE', 'create and delete rules'),
    ],
    plain: anyAccount,
  },
  alterUser: {
    title: 'Creating, changing and deleting users',
    commands: ['ops rocketmq alter-user'],
    grants: [
      grant('cluster', '*', 'GET', 'list the users of each broker'),
      grant('cluster', '*', 'UPDATE', 'create, change and delete users'),
    ],
    plain: anyAccount,
  },
  brokerSettings: {
    title: 'Changing settings of brokers',
    commands: ['ops rocketmq alter-config', 'ops rocketmq clean', 'ab-test (and those of Load test)'],
    grants: [],
    plain: administrator,
  },
  defineGroup: {
    title: 'Creating or altering a consumer group',
    commands: ['ops rocketmq create-group', 'ops rocketmq alter-group'],
    grants: [],
    plain: administrator,
  },
  deleteGroup: {
    title: 'Deleting a consumer group',
    commands: ['ops rocketmq delete-group'],
    grants: [
      grant('group', 'GROUP', 'GET', 'members of the group'),
      grant('group', 'GROUP', 'DELETE', 'delete the group and its retry topic'),
      grant('group', 'GROUP_TOPIC', 'GET', 'offsets of the retry topics of its POP consumers'),
      grant('group', 'GROUP_TOPIC', 'DELETE', 'delete the retry topics of its POP consumers'),
      grant('topic', '%DLQ%GROUP', 'GET', 'offsets of its dead-letter topic'),
      grant('topic', '%DLQ%GROUP', 'DELETE', 'delete its dead-letter topic'),
    ],
    plain: administrator,
  },
  queues: {
    title: 'More queues',
    commands: [
      'ops rocketmq queues',
      'ops rocketmq queues, to fewer of them (and those of Reading a message)',
      'redline (and those of Monitoring and of Reading a message)',
    ],
    grants: [everyGroup, grant('topic', 'TOPIC', 'CREATE', 'change the number of queues')],
    plain: administrator,
  },
  scaleOut: {
    title: 'Scale-out',
    commands: ['ops rocketmq scale-out'],
    grants: [
      grant('topic', '*', 'CREATE', 'define the topics on the new broker, open and close them'),
      grant('topic', '*', 'GET', 'check that messages arrive'),
      everyGroup,
    ],
    plain: administrator,
  },
  scaleIn: {
    title: 'Scale-in',
    commands: ['ops rocketmq scale-in'],
    grants: [everyTopic, everyGroup, ...senders],
    plain: administrator,
  },
  nameServers: { title: 'Name servers', commands: ['ops rocketmq name-servers'], grants: [], plain: administrator },
  switch: {
    title: 'Switch of master and slave, rolling restarts',
    commands: ['ops rocketmq switch', 'instances roll', 'instances upgrade', 'instances reconfigure'],
    grants: [everyTopic, grant('group', '*', 'GET', 'offsets of the queues of retry topics'), ...senders],
    plain: administrator,
  },
  drill: {
    title: 'Failover drill',
    commands: ['ops rocketmq drill'],
    grants: [
      grant('topic', 'plimsoll-drill-*', 'CREATE', 'create the topic of the drill'),
      grant('topic', 'plimsoll-drill-*', 'GET', 'offsets of its queue'),
      grant('topic', 'plimsoll-drill-*', 'PUB', 'send'),
      grant('topic', 'plimsoll-drill-*', 'SUB', 'read back what was acknowledged'),
      pulls,
      grant('topic', 'plimsoll-drill-*', 'DELETE', 'delete the topic at the end'),
    ],
    plain: administrator,
  },
} as const satisfies Record<string, RocketmqFeature>;
