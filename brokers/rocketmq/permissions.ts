// Lists the least RocketMQ permissions of each feature; docs/reference/permissions.md is generated from it.

import { canaryUses, uses } from '../permitted-uses.ts';
import { toolsGroup } from './protocol/message-requests.ts';
import type { RocketmqAction, RocketmqResource } from './needed-permission.ts';

/** Grants of plain_acl.yml of RocketMQ 4.x. */
interface PlainGrants {
  admin?: true;
  topicPerms?: readonly string[];
  groupPerms?: readonly string[];
}

/**
 * @param name `TOPIC`, `GROUP`: those of the command. `*`: all. A name that ends in `*` is a prefix. Group
 * `GROUP_TOPIC`: a POP retry topic
 */
const grant = (resource: RocketmqResource, name: string, action: RocketmqAction, use: string) => ({
  resource,
  name,
  action,
  use,
});

export type RocketmqGrant = ReturnType<typeof grant>;

const pulls = grant('group', toolsGroup, 'SUB', 'pull with the group of the tools');

const everyTopic = grant('topic', '*', 'GET', 'offsets of the queues');
const everyProducer = grant('cluster', '*', 'GET', 'connected producers of each broker');
const everyGroup = grant('group', '*', 'GET', 'members and consumption of groups');

/** A broker that is closed for writes may still receive messages; one message of each sender is read to name it. */
const senders = [
  grant('topic', '*', 'SUB', 'read a message of a client that still sends'),
  pulls,
  grant('cluster', '*', 'GET', 'name the client that sent it'),
];

const browse = [
  grant('topic', 'TOPIC', 'SUB', 'pull the messages'),
  grant('topic', 'TOPIC', 'GET', 'read the offsets of its queues'),
  pulls,
];

const anyAccount: PlainGrants = {};
const pullAsTools: PlainGrants = { topicPerms: ['TOPIC=SUB'], groupPerms: [`${toolsGroup}=SUB`] };
const administrator: PlainGrants = { admin: true };

/** @param grants grants of ACL 2.0, RocketMQ 5.3 and later. A user without grants still has to exist */
const feature = (
  title: string,
  commands: readonly string[],
  plain: PlainGrants,
  ...grants: readonly RocketmqGrant[]
) => ({ title, commands, grants, plain });
export type RocketmqFeature = ReturnType<typeof feature>;

export const rocketmqFeatures = {
  monitoring: feature(...uses.monitoring, anyAccount, everyTopic, everyGroup),
  lag: feature(
    ...uses.lag,
    anyAccount,
    grant('topic', '*', 'GET', 'ends of the queues of all topics, since a single refusal hides the others'),
    grant('group', '*', 'GET', 'members of the group, and ends of the retry topics of all groups'),
  ),
  producers: feature('Producers', ['get producers', 'serve (page of producers)'], anyAccount, everyProducer),
  clients: feature(
    ...uses.clients,
    pullAsTools,
    everyProducer,
    grant('topic', 'TOPIC', 'SUB', 'sample what the busiest topics store'),
    grant('topic', 'TOPIC', 'GET', 'read the offsets of its queues'),
    pulls,
  ),
  settings: feature('Settings of brokers', ['get config', 'serve (pages of settings and of a broker)'], anyAccount),
  acls: feature(...uses.acls, anyAccount, grant('cluster', '*', 'GET', 'list the rules of each broker')),
  check: feature(...uses.check, anyAccount, everyProducer),
  message: feature(...uses.message, pullAsTools, grant('topic', 'TOPIC', 'SUB', 'pull the message'), pulls),
  messages: feature(...uses.messages, pullAsTools, ...browse),
  receive: feature(...uses.receive, pullAsTools, ...browse),
  commitReceived: feature(
    ...uses.commitReceived,
    { topicPerms: ['TOPIC=SUB'], groupPerms: [`${toolsGroup}=SUB`, 'GROUP=SUB'] },
    grant('topic', 'TOPIC', 'SUB', 'pull the messages'),
    grant('topic', 'TOPIC', 'GET', 'read the offsets of its queues'),
    grant('topic', 'TOPIC', 'UPDATE', 'set the offsets'),
    pulls,
    grant('group', 'GROUP', 'GET', 'members and offsets of the group'),
    grant('group', 'GROUP', 'UPDATE', 'set the offsets'),
  ),
  canary: feature(
    'Canary',
    [...canaryUses, 'redline (canary)'],
    { topicPerms: ['TOPIC=PUB|SUB'], groupPerms: [`${toolsGroup}=SUB`] },
    grant('topic', 'TOPIC', 'PUB', 'send the probe'),
    grant('topic', 'TOPIC', 'SUB', 'pull the probe'),
    pulls,
  ),
  loadTest: feature(
    'Load test',
    ['run', 'run --cleanup'],
    administrator,
    everyTopic,
    everyGroup,
    grant('topic', 'plimsoll-*', 'CREATE', 'create the topic of the run'),
    grant('topic', 'plimsoll-*', 'PUB', 'send'),
    grant('topic', 'plimsoll-*', 'SUB', 'receive'),
    grant('topic', 'plimsoll-*', 'DELETE', 'delete the topic of the run'),
    grant('group', 'plimsoll-*', 'SUB', 'receive'),
    grant('group', 'plimsoll-*', 'DELETE', 'delete the groups of the run'),
    grant('topic', '%DLQ%plimsoll-*', 'DELETE', 'delete the dead letter topic of a group'),
  ),
  capture: feature(
    ...uses.capture,
    administrator,
    grant('topic', 'TOPIC', 'SUB', 'pull the messages'),
    grant('topic', 'TOPIC', 'GET', 'read the offsets of its queues'),
    grant('group', 'plimsoll-capture-*', 'SUB', 'join the consumer group of the capture'),
    grant('group', 'plimsoll-capture-*', 'DELETE', 'delete the consumer group at the end'),
    grant('topic', '%DLQ%plimsoll-capture-*', 'DELETE', 'delete its dead-letter topic'),
  ),
  lease: feature(...uses.lease, anyAccount),
  offsets: feature(
    ...uses.offsets,
    { topicPerms: ['TOPIC=SUB'], groupPerms: ['GROUP=SUB'] },
    grant('topic', 'TOPIC', 'GET', 'ends of the queues'),
    grant('topic', 'TOPIC', 'UPDATE', 'set the offsets'),
    grant('group', 'GROUP', 'GET', 'members and offsets of the group'),
    grant('group', 'GROUP', 'UPDATE', 'set the offsets'),
  ),
  resend: feature(
    'Resending dead-letter messages',
    ['ops rocketmq resend --to', 'ops rocketmq resend --to-origin'],
    { topicPerms: ['DEAD-LETTER-TOPIC=SUB', 'TOPIC=PUB|SUB'], groupPerms: [`${toolsGroup}=SUB`] },
    grant('topic', 'DEAD-LETTER-TOPIC', 'SUB', 'pull the messages'),
    grant('topic', 'DEAD-LETTER-TOPIC', 'GET', 'read the offsets of its queues'),
    grant('topic', 'TOPIC', 'PUB', 'send the copies'),
    grant('topic', 'TOPIC', 'SUB', 'read the copies back'),
    grant('topic', 'TOPIC', 'GET', 'read the offsets of its queues'),
    pulls,
  ),
  send: feature(...uses.send, { topicPerms: ['TOPIC=PUB'] }, grant('topic', 'TOPIC', 'PUB', 'send the message')),
  defineTopic: feature(
    'Creating or altering a topic',
    ['ops rocketmq create-topic', 'ops rocketmq alter-topic'],
    administrator,
    grant('topic', 'TOPIC', 'CREATE', 'define the topic'),
  ),
  deleteTopic: feature(
    'Deleting a topic',
    ['ops rocketmq delete-topic'],
    administrator,
    grant('topic', 'TOPIC', 'GET', 'offsets of the queues'),
    everyGroup,
    grant('topic', 'TOPIC', 'DELETE', 'delete the topic'),
    grant('group', 'GROUP_TOPIC', 'DELETE', 'delete the retry topics of its POP consumers'),
  ),
  alterAcl: feature(
    'Changing access control rules',
    ['ops rocketmq alter-acl'],
    anyAccount,
    grant('cluster', '*', 'GET', 'list the rules of each broker'),
    grant('cluster', '*', 'UPDATE', 'create and delete rules'),
  ),
  alterUser: feature(
    'Creating, changing and deleting users',
    ['ops rocketmq alter-user'],
    anyAccount,
    grant('cluster', '*', 'GET', 'list the users of each broker'),
    grant('cluster', '*', 'UPDATE', 'create, change and delete users'),
  ),
  brokerSettings: feature(
    'Changing settings of brokers',
    ['ops rocketmq alter-config', 'ops rocketmq clean', 'ab-test (and those of Load test)'],
    administrator,
  ),
  defineGroup: feature(
    'Creating or altering a consumer group',
    ['ops rocketmq create-group', 'ops rocketmq alter-group'],
    administrator,
  ),
  deleteGroup: feature(
    'Deleting a consumer group',
    ['ops rocketmq delete-group'],
    administrator,
    grant('group', 'GROUP', 'GET', 'members of the group'),
    grant('group', 'GROUP', 'DELETE', 'delete the group and its retry topic'),
    grant('group', 'GROUP_TOPIC', 'GET', 'offsets of the retry topics of its POP consumers'),
    grant('group', 'GROUP_TOPIC', 'DELETE', 'delete the retry topics of its POP consumers'),
    grant('topic', '%DLQ%GROUP', 'GET', 'offsets of its dead-letter topic'),
    grant('topic', '%DLQ%GROUP', 'DELETE', 'delete its dead-letter topic'),
  ),
  queues: feature(
    'More queues',
    [
      'ops rocketmq queues',
      'ops rocketmq queues, to fewer of them (and those of Reading a message)',
      'redline (and those of Monitoring and of Reading a message)',
    ],
    administrator,
    everyGroup,
    grant('topic', 'TOPIC', 'CREATE', 'change the number of queues'),
  ),
  scaleOut: feature(
    'Scale-out',
    ['ops rocketmq scale-out'],
    administrator,
    grant('topic', '*', 'CREATE', 'define the topics on the new broker, open and close them'),
    grant('topic', '*', 'GET', 'check that messages arrive'),
    everyGroup,
    grant('cluster', '*', 'GET', 'compare users and rules'),
  ),
  scaleIn: feature('Scale-in', ['ops rocketmq scale-in'], administrator, everyTopic, everyGroup, ...senders),
  nameServers: feature('Name servers', ['ops rocketmq name-servers'], administrator),
  switch: feature(
    'Switch of master and slave, rolling restarts',
    ['ops rocketmq switch', 'instances roll', 'instances upgrade', 'instances reconfigure'],
    administrator,
    everyTopic,
    grant('group', '*', 'GET', 'offsets of the queues of retry topics'),
    ...senders,
  ),
  drill: feature(
    'Failover drill',
    ['ops rocketmq drill'],
    administrator,
    grant('topic', 'plimsoll-drill-*', 'CREATE', 'create the topic of the drill'),
    grant('topic', 'plimsoll-drill-*', 'GET', 'offsets of its queue'),
    grant('topic', 'plimsoll-drill-*', 'PUB', 'send'),
    grant('topic', 'plimsoll-drill-*', 'SUB', 'read back what was acknowledged'),
    pulls,
    grant('topic', 'plimsoll-drill-*', 'DELETE', 'delete the topic at the end'),
  ),
};
