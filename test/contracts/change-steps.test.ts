// Walks the steps of every kind of change: each declares its undo, or the reason why it has none.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { KafkaChanges } from '../../brokers/kafka/changes/kafka-changes.ts';
import { takeTurns } from '../../app/ab-test/drive-turns.ts';
import type { RunningSetting } from '../../app/ab-test/running-setting.ts';
import { seconds, systemClock } from '../../core/clock.ts';
import { changesNothing, undoText, type Step } from '../../ops/change/step.ts';
import { moveReplicas } from '../../ops/kafka/execute/carry-out.ts';
import type { Run } from '../../ops/kafka/execute/run.ts';
import { undoSteps } from '../../ops/kafka/execute/visible-change.ts';
import { morePartitions } from '../../ops/kafka/partitions/partition-steps.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import { redlineSteps } from '../../ops/redline/redline-change.ts';
import { offsetMove } from '../../ops/offsets/move-steps.ts';
import { drillSteps } from '../../ops/rocketmq/drill/drill-steps.ts';
import { nameServers } from '../../ops/rocketmq/name-servers/name-servers.ts';
import { queues } from '../../ops/rocketmq/queues/queues.ts';
import { resend } from '../../ops/resend/resend-steps.ts';
import { scaleIn } from '../../ops/rocketmq/scale-in/scale-in.ts';
import { scaleOut } from '../../ops/rocketmq/scale-out/scale-out.ts';
import { instanceChanges } from '../../ops/instances/instance-changes.ts';
import { kafkaGate } from '../../ops/instances/kafka-gate.ts';
import { DesiredInstance } from '../../core/documents/instances.ts';
import { switchOver } from '../../ops/rocketmq/switch/switch.ts';
import { commitSteps } from '../../app/change/offsets/commit-received.ts';
import { alterAcls } from '../../ops/kafka/access/alter-acls.ts';
import { alterScramUser } from '../../ops/kafka/access/alter-scram-user.ts';
import { deleteRecords } from '../../ops/kafka/topics/delete-records.ts';
import { alterRocketmqAcl } from '../../ops/rocketmq/access/alter-acl.ts';
import { alterRocketmqUser } from '../../ops/rocketmq/access/alter-user.ts';
import { alterQuotas } from '../../ops/kafka/quotas/alter-quotas.ts';
import { alterSettings } from '../../ops/kafka/settings/alter-settings.ts';
import { createTopic } from '../../ops/kafka/topics/create-topic.ts';
import { deleteTopic as deleteKafkaTopic } from '../../ops/kafka/topics/delete-topic.ts';
import { deleteGroup as deleteKafkaGroup } from '../../ops/kafka/groups/delete-group.ts';
import { defineGroup } from '../../ops/rocketmq/groups/define-group.ts';
import { deleteGroup } from '../../ops/rocketmq/groups/delete-group.ts';
import { clean } from '../../ops/rocketmq/clean/clean.ts';
import { brokerSettings } from '../../ops/rocketmq/settings/broker-settings.ts';
import { defineTopic } from '../../ops/rocketmq/topics/define-topic.ts';
import { deleteTopic } from '../../ops/rocketmq/topics/delete-topic.ts';
import { sendSteps } from '../../ops/send/send-message.ts';
import { openKafkaAdministration } from '../../brokers/kafka/changes/kafka-administration.ts';
import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { openRocketmqAdministration } from '../../brokers/rocketmq/changes/rocketmq-administration.ts';
import type { TopicDefinition } from '../../brokers/rocketmq/protocol/topic-requests.ts';
import { RocketmqClusterConfig } from '../../brokers/rocketmq/config.ts';
import { topicOf } from '../support/defined-topic.ts';
import { fakeCluster } from '../support/fake-change-desk.ts';
import { fakeGroupOffsets } from '../support/fake-group-offsets.ts';
import { storedTopics } from '../support/stored-topics.ts';
import { reassignJournal } from '../support/reassign-journal.ts';
import { productFiles } from '../support/source-files.ts';
import { instanceToolsWith } from '../support/instance-tools.ts';

const { desk } = fakeCluster({});
const tools = { desk, clock: systemClock };
const closed = { brokerName: 'broker-b', topics: ['orders'], names: [], quietSeconds: 60 };
const members = [{ brokerId: 0, address: 'b:1', permission: 6 }];
const queuesFacts = (to: number) => ({
  topic: 'orders',
  to,
  brokers: [{ brokerName: 'broker-b', address: 'b:1', readQueues: 4, writeQueues: 4 }],
  quietSeconds: 60,
  settleSeconds: 50,
  ignoredGroups: [],
  giveUpReplay: false,
  hasReaders: true,
});
const serversFacts = { others: [], brokers: [], topics: [], longestSeconds: 120 };
const placed = [{ topic: 'orders', partition: 0, replicas: [1, 2] }];
const trial = {
  facts: { parameter: 'num.io.threads', a: '8', b: '16', out: 'runs/worth' },
  setting: {} as RunningSetting,
  turns: [],
  drive: async () => undefined,
};

/** Never called: steps are only listed. */
const kafkaTools = {
  admin: openKafkaAdministration('lab', KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['127.0.0.1:1'] })),
  clock: systemClock,
  clusterArgs: ' --cluster lab',
};
const rocketmqTools = {
  admin: openRocketmqAdministration(
    'lab',
    RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: ['127.0.0.1:1'] }),
  ),
  clock: systemClock,
  known: [],
  clusterArgs: ' --cluster lab',
};
const copied = (topic: TopicDefinition) => ({ ...topic, attributes: { ...topic.attributes } });
const acl = {
  subject: 'User:alice',
  resource: 'topic',
  name: 'orders',
  isPrefix: false,
  operation: 'Read',
  decision: 'allow',
  host: '*',
} as const;
const onBroker = { brokerName: 'broker-a', address: 'a:1' };

const instance = DesiredInstance.parse({
  cluster: 'lab',
  host: 'host-1',
  role: 'kafka-broker',
  supervisord: { program: 'kafka' },
  broker: '1',
});
const instanceTools = instanceToolsWith({
  gate: kafkaGate('lab', KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['127.0.0.1:1'] })),
});
const changedInstances = (wasRunning: boolean) => ({
  action: 'roll' as const,
  order: [{ name: 'broker-1', target: instance, wasRunning }],
  marks: {},
});
const installed = (action: 'install' | 'upgrade' | 'remove') => ({
  action,
  order: [
    {
      name: 'broker-1',
      target: DesiredInstance.parse({
        ...instance,
        role: 'kafka-broker',
        settings: '/etc/kafka/server.properties',
        directories: ['/data/kafka'],
        install: { distribution: 'kafka-4.3.1', home: '/opt/kafka-1', clusterId: 'u6T0R2V0RsGBm7lFiN1c1Q' },
      }),
      wasRunning: action !== 'install',
    },
  ],
  marks: {},
  install: {
    claim: 'alice on ops-1',
    archives: {},
    copies: [
      { host: 'h', release: '/opt/releases/kafka-4.3.1', distribution: 'kafka-4.3.1', owner: 'broker-1', isNew: true },
    ],
    files: {},
    data: true,
  },
});

const redlineOf = (kind: BrokerKind, broker: string) =>
  redlineSteps(
    kind,
    { broker, bundle: 'runs/redline', stepShare: 0.05, holdSeconds: 600, maxMoves: 100, original: [] },
    { raise: () => Promise.reject(new Error('not raised')), restore: async () => ({ partitions: 0, left: [] }) },
  );

const kinds: Readonly<Record<string, readonly Step<object>[]>> = {
  'scale-in': scaleIn.steps({ ...closed, members, delaySeconds: [], ignoredGroups: [], giveUpReplay: false }, tools),
  'scale-out': scaleOut.steps(
    {
      brokerName: 'broker-c',
      like: 'broker-b',
      sources: ['broker-a', 'broker-b'],
      groups: [],
      topics: [],
      acceptDrift: false,
      settleSeconds: 50,
      watchSeconds: 60,
    },
    tools,
  ),
  'more queues': queues.steps(queuesFacts(8), tools),
  'fewer queues': queues.steps({ ...queuesFacts(2), late: { delaySeconds: [1], transactionSeconds: 966 } }, tools),
  'a name server replaced': nameServers.steps({ ...serversFacts, add: 'c:9876', remove: 'a:9876' }, tools),
  switch: switchOver.steps(
    { ...closed, members, master: 'b:1', slave: 'b:2', slaveId: 1, role: 'ASYNC_MASTER' },
    tools,
  ),
  drill: drillSteps(
    { brokerName: 'broker-a', members: ['a:1', 'b:1'], topic: 'plimsoll-drill-1' },
    {
      ...tools,
      traffic: { producer: () => Promise.reject(new Error('nothing is sent')) },
      admin: { deleteTopic: async () => undefined },
      tell: () => undefined,
      patience: seconds(1),
    },
  ),
  reassign: [
    moveReplicas({ journal: reassignJournal({ original: placed, target: placed }), clock: systemClock } as Run),
  ],
  'reassign --abort without a journal': undoSteps(
    {} as KafkaChanges,
    { moving: [], throttles: [], retentions: [] },
    systemClock,
  ),
  redline: redlineOf('kafka', '1'),
  'redline of RocketMQ': redlineOf('rocketmq', 'broker-a'),
  partitions: morePartitions.steps(
    { topic: 'orders', from: 4, to: 8, assignments: [] },
    { changes: {} as KafkaChanges, clock: systemClock, created: () => {} },
  ),
  'ab-test': [takeTurns(trial, {} as Parameters<typeof takeTurns>[1])],
  resend: resend.steps(
    {
      id: '0123456789ab',
      broker: 'kafka',
      topic: 'orders.DLT',
      toOrigin: true,
      deadLetterTopics: {},
      targets: ['orders'],
      perSecond: 100,
      messages: [{ partition: 0, offsets: ['17'] }],
      sent: '',
    },
    {
      ...storedTopics({}),
      clock: systemClock,
      tell: () => undefined,
      decided: { skip: [], sendAgain: [] },
    },
  ),
  'create-topic': createTopic.steps({ topic: 'orders', partitions: 3, replicationFactor: 1, settings: {} }, kafkaTools),
  'delete-topic of Kafka': deleteKafkaTopic.steps(
    { topic: 'orders', partitions: 3, replicationFactor: 1, settings: {}, ends: {}, acceptWrites: false },
    kafkaTools,
  ),
  settings: alterSettings.steps(
    { of: { kind: 'topic', name: 'orders' }, changes: [{ key: 'retention.ms', before: null, after: '1000' }] },
    kafkaTools,
  ),
  send: sendSteps(
    { send: () => Promise.reject(new Error('nothing is sent')) },
    { topic: 'orders', partition: 0, value: Buffer.from('one'), properties: [] },
    () => undefined,
  ),
  acls: alterAcls.steps({ what: 'create', acls: [acl] }, kafkaTools),
  'acls that go': alterAcls.steps({ what: 'delete', acls: [acl] }, kafkaTools),
  'scram-user': alterScramUser(() => '').steps(
    { user: 'alice', mechanism: 'SCRAM-SHA-512', before: null, after: 8192 },
    kafkaTools,
  ),
  'scram-user with another password': alterScramUser(() => '').steps(
    { user: 'alice', mechanism: 'SCRAM-SHA-512', before: 4096, after: 8192 },
    kafkaTools,
  ),
  'delete-records': deleteRecords.steps(
    { topic: 'orders', partitions: [{ partition: 0, first: '0', before: '5' }] },
    kafkaTools,
  ),
  receive: commitSteps(fakeGroupOffsets(), { group: 'billing', topic: 'orders', next: [] }),
  acl: alterRocketmqAcl.steps(
    { subject: 'User:alice', resource: 'Topic:orders', after: null, brokers: [{ ...onBroker, before: null }] },
    rocketmqTools,
  ),
  user: alterRocketmqUser(() => '').steps(
    { user: 'alice', after: null, isPasswordSet: false, brokers: [{ ...onBroker, before: null }] },
    rocketmqTools,
  ),
  quota: alterQuotas.steps(
    { of: { user: 'alice' }, changes: [{ key: 'producer_byte_rate', before: null, after: 1000 }] },
    kafkaTools,
  ),
  'delete-group of Kafka': deleteKafkaGroup.steps(
    { group: 'billing', isWhole: true, topics: [] },
    { ...kafkaTools, offsets: fakeGroupOffsets(), cluster: 'lab', stateFolder: '' },
  ),
  'define-topic': defineTopic.steps(
    {
      topic: 'orders',
      brokers: [{ ...onBroker, after: copied(topicOf('orders')) }],
      order: { before: null, after: 'broker-a:4' },
    },
    rocketmqTools,
  ),
  'delete-topic of RocketMQ': deleteTopic.steps(
    { topic: 'orders', brokers: [{ ...onBroker, queues: 4, ends: [] }], acceptWrites: false },
    rocketmqTools,
  ),
  'define-group': defineGroup.steps(
    { group: 'billing', set: {}, brokers: [{ ...onBroker, after: '{}' }] },
    rocketmqTools,
  ),
  'delete-group of RocketMQ': deleteGroup.steps({ group: 'billing', brokers: [onBroker] }, rocketmqTools),
  clean: clean.steps({ what: 'unused-topics', brokers: [onBroker] }, rocketmqTools),
  'broker-settings': brokerSettings.steps(
    { brokers: [{ name: 'broker-a:0', address: 'a:1', before: {}, after: { fileReservedTime: '48' } }] },
    rocketmqTools,
  ),
  'a rolling restart': instanceChanges.roll.steps(changedInstances(true), instanceTools),
  'a start of an instance': instanceChanges.start.steps(changedInstances(false), instanceTools),
  'an installation': instanceChanges.install.steps(installed('install'), instanceTools),
  'an upgrade': instanceChanges.upgrade.steps(installed('upgrade'), instanceTools),
  'a removal': instanceChanges.remove.steps(installed('remove'), instanceTools),
  offsets: offsetMove.steps(
    {
      group: 'billing',
      broker: 'kafka',
      topics: [{ topic: 'orders', isWhole: true, isNewGroup: false, targets: [{ partition: 0, offset: '0' }] }],
    },
    {
      offsets: fakeGroupOffsets(),
      cluster: 'lab',
      stateFolder: '',
      clock: systemClock,
      tell: () => undefined,
      backedUp: () => undefined,
      moved: () => undefined,
    },
  ),
};

test.each(Object.entries(kinds))('each step of %s declares its undo, or a reason for having none', (_, steps) => {
  expect(steps.length).toBeGreaterThan(0);
  for (const { id, undo } of steps) expect(undoText(undo), id).toMatch(/^(?!none: $).{8,}/);
});

/** Texts of a step without Chinese; an instruction may be a command alone. */
const untranslated = (step: Step<object>) =>
  [step.zh, step.undo.zh].filter((zh) => !/\p{Script=Han}/u.test(zh)).length +
  (step.how ?? []).filter((line) => typeof line === 'string' && !line.startsWith('sh bin/')).length;

test.each(Object.entries(kinds))('the steps of %s, their rollbacks and instructions are in Chinese too', (_, steps) =>
  expect(steps.filter(untranslated).map(({ id }) => id)).toEqual([]),
);

test('only steps that observe, wait or back up declare that they change nothing', () => {
  const watching = Object.values(kinds)
    .flat()
    .filter(({ undo }) => undo === changesNothing)
    .map(({ id }) => id);
  expect([...new Set(watching)].filter((id) => !/^(see-|let-settle$|await-|back-up$)/.test(id))).toEqual([]);
});

test('the kinds above contain every step that the product defines', () => {
  const known = new Set(Object.values(kinds).flatMap((steps) => steps.map(({ id }) => id)));
  const defined = productFiles().flatMap(({ url }) =>
    [...readFileSync(url, 'utf8').matchAll(/\bid: '([\w-]+)',\s+(?:by: 'operator',\s+)?description:/g)].map(
      ([, id = '']) => id,
    ),
  );
  expect(defined.length).toBeGreaterThan(20);
  expect(defined.filter((id) => !known.has(id) && !known.has(`${id}-of-both`))).toEqual([]);
});
