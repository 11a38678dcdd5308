// Checks that each feature works with exactly the documented permissions, and that the error names a missing one.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { driverOf } from '../../../brokers/registry.ts';
import { openChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import { rocketmqFeatures, type RocketmqGrant } from '../../../brokers/rocketmq/permissions.ts';
import { liveNameOf } from '../../support/live-name.ts';
import {
  exerciseAcls,
  exerciseCanary,
  exerciseCapture,
  exerciseChange,
  exerciseCheck,
  exerciseClients,
  exerciseLag,
  exerciseLease,
  exerciseLoadTest,
  exerciseMessage,
  exerciseMonitoring,
  exerciseProducers,
  exerciseReceive,
  exerciseSend,
  exerciseSettings,
  type Exercise,
  type Exercised,
} from '../../support/permission-exercises.ts';
import {
  changesOfMembers,
  permissionRows,
  type ChangeOfMembers,
  type PermissionRow,
} from '../../support/permission-rows.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { restrictedRocketmq, type RestrictedRocketmq } from '../../support/restricted-rocketmq.ts';

const group = 'billing';
type FeatureName = Exclude<keyof typeof rocketmqFeatures, ChangeOfMembers>;
const names = (Object.keys(rocketmqFeatures) as (keyof typeof rocketmqFeatures)[]).filter(
  (name): name is FeatureName => !changesOfMembers.some((each) => each === name),
);
/** Topic name in the grants. */
const deadLettersOf = (topic: string) => `DEAD-LETTER-${topic}`;
const io = () => ({ signal: AbortSignal.timeout(60_000) });

const rows = names.flatMap((feature) => {
  // Grants that a load test shares with monitoring are tested there.
  const isTested = ({ name }: RocketmqGrant) => feature !== 'loadTest' || name.includes('plimsoll-');
  const all = permissionRows(feature, { group, isTested });
  // Each row deletes another group.
  return feature === 'deleteGroup' ? all.map((row) => ({ ...row, group: `${group}-${row.name}` })) : all;
});

/** Topics that are deleted with a topic or a group. A message sent to a retry topic would create a group of its name. */
function emptyTopicsOf({ feature, topic, group: own }: PermissionRow<FeatureName>): string[] {
  if (feature !== 'deleteTopic' && feature !== 'deleteGroup') return [];
  return [`%RETRY%${own}_${topic}`, ...(feature === 'deleteGroup' ? [`%DLQ%${own}`] : [])];
}

let rocketmq: RestrictedRocketmq;

const exercises: Record<FeatureName, (exercise: Exercise, row: PermissionRow<FeatureName>) => Promise<Exercised>> = {
  producers: exerciseProducers,
  monitoring: exerciseMonitoring,
  lag: exerciseLag,
  settings: exerciseSettings,
  clients: (exercise) => exerciseClients(exercise, rocketmq.open),
  check: exerciseCheck,
  message: (exercise) => exerciseMessage(exercise, 'broker-a:0', 'message'),
  messages: (exercise) => exerciseMessage(exercise, 'broker-a:0', 'messages'),
  receive: (exercise) => exerciseReceive(exercise),
  commitReceived: (exercise) => exerciseReceive(exercise, '--commit'),
  canary: exerciseCanary,
  loadTest: (exercise, { name }) => exerciseLoadTest(exercise, name),
  capture: (exercise, { name }) => exerciseCapture(exercise, name),
  lease: exerciseLease,
  offsets: (exercise) =>
    exerciseChange(exercise, ['offsets', 'reset', '--group', group, '--topic', exercise.topic, '--earliest']),
  queues: (exercise) =>
    exerciseChange(
      exercise,
      ['rocketmq', 'queues', '--topic', exercise.topic, '--to', '2', '--settle', '1s', '--json'],
      '"done"',
    ),
  acls: exerciseAcls,
  send: (exercise) => exerciseSend(exercise),
  defineTopic: (exercise) =>
    exerciseChange(
      exercise,
      ['rocketmq', 'alter-topic', '--topic', exercise.topic, '--permission', 'read-only'],
      'done',
    ),
  deleteTopic: (exercise) =>
    exerciseChange(
      exercise,
      ['rocketmq', 'delete-topic', '--topic', exercise.topic, '--watch', '0s', '--confirm-name', exercise.topic],
      'messages lost, at most',
    ),
  alterAcl: (exercise) =>
    exerciseChange(
      exercise,
      ['rocketmq', 'alter-acl', '--subject', 'User:settings', '--topic', exercise.topic, '--action', 'Sub'],
      'done',
    ),
  alterUser: async (exercise, { name }) => {
    const file = join(exercise.folder, 'secret');
    await writeFile(file, 'not-a-secret');
    return exerciseChange(
      exercise,
      ['rocketmq', 'alter-user', '--user', `friend-of-${name}`, '--password-file', file],
      'done',
    );
  },
  brokerSettings: (exercise) =>
    exerciseChange(
      exercise,
      ['rocketmq', 'alter-config', '--all-brokers', '--set', 'fileReservedTime=71', '--accept-readers'],
      'done',
    ),
  defineGroup: (exercise) =>
    exerciseChange(exercise, ['rocketmq', 'alter-group', '--group', group, '--set', 'retryMaxTimes=5'], 'done'),
  deleteGroup: (exercise) =>
    exerciseChange(
      exercise,
      ['rocketmq', 'delete-group', '--group', exercise.group, '--confirm-name', exercise.group],
      'done',
    ),
  resend: ({ topic, ...exercise }) =>
    exerciseChange(
      { ...exercise, topic },
      ['rocketmq', 'resend', '--topic', deadLettersOf(topic), '--to', topic, '--wait', '0s'],
      'copies read back: 2',
    ),
};

if (fullMatrix) {
  requires('java', 'maven').describe('users with exactly the documented permissions, RocketMQ 5.3.3', () => {
    beforeAll(async () => {
      rocketmq = await restrictedRocketmq({ version: '5.3.3' }, rows);
      const { open } = rocketmq;
      await using admin = await driverOf(open).administer('lab', open, io());
      await using traffic = await driverOf(open).traffic('lab', open, io());
      await using producer = await traffic.producer({ acks: 'all' });
      await rocketmq.createGroup(group);
      for (const row of rows) {
        const { topic, feature, group: own } = row;
        if (own !== group) await rocketmq.createGroup(own);
        for (const name of feature === 'resend' ? [topic, deadLettersOf(topic)] : [topic]) {
          await admin.createTopic({ name, partitions: 1, replicationFactor: 1 }, io());
          await producer.send({ topic: name, partition: 0, values: [Buffer.from('one'), Buffer.from('two')] }, io());
        }
        for (const name of emptyTopicsOf(row)) {
          await admin.createTopic({ name, partitions: 1, replicationFactor: 1 }, io());
        }
        for (const consumerGroup of new Set([group, own])) {
          await rocketmq.commit({ consumerGroup, topic, queueId: 0, offset: 1n });
        }
      }
    });
    afterAll(() => rocketmq[Symbol.asyncDispose]());

    test('a user without a permission may change settings of a broker, as documented', async () => {
      await using desk = openChangeDesk('lab', rocketmq.configOf({ name: 'settings' }));
      for (const { address } of rocketmq.brokers) await desk.set(address, { maxMessageSize: '4194305' }, io());
    });

    test.each(rows)('$title', async (row) => {
      const { feature, topic, group: own, missing } = row;
      const exercise = {
        config: rocketmq.configOf(row),
        configPath: await rocketmq.writeConfig(row),
        confirmed: liveNameOf(rocketmq),
        topic,
        group: own,
        folder: rocketmq.folder,
      };
      const { isWhole, text } = await exercises[feature](exercise, row);
      expect(isWhole, text).toBe(missing === undefined);
      if (missing !== undefined) expect(text).toContain(`needs ${missing.action} on ${missing.resource} `);
    });
  });
}
