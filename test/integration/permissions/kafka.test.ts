// Checks each feature with exactly its documented ACLs, and the error for each missing one.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openKafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import { createReach } from '../../../brokers/kafka/changes/reach.ts';
import { commitFromOutside } from '../../../brokers/kafka/commit-from-outside.ts';
import type { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../../brokers/kafka/driver.ts';
import { kafkaFeatures, type KafkaGrant } from '../../../brokers/kafka/permissions.ts';
import { systemClock } from '../../../core/clock.ts';
import { kafkaGate } from '../../../ops/instances/kafka-gate.ts';
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
  exercisePlan,
  exerciseReceive,
  exerciseSend,
  exerciseSettings,
  exerciseStoreTimes,
  type Exercise,
  type Exercised,
} from '../../support/permission-exercises.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { restrictedKafka, type RestrictedKafka } from '../../support/restricted-kafka.ts';

const group = 'billing';
/** Topic name in the grants. */
const deadLettersOf = (topic: string) => `DEAD-LETTER-${topic}`;
/** Makes the group look like a Kafka Streams application. */
const changelog = `${group}-x-changelog`;
type FeatureName = keyof typeof kafkaFeatures;
const names = Object.keys(kafkaFeatures) as FeatureName[];
const io = () => ({ signal: AbortSignal.timeout(60_000) });

interface Row {
  feature: FeatureName;
  name: string;
  topic: string;
  group: string;
  grants: readonly KafkaGrant[];
  missing?: KafkaGrant;
  title: string;
}

const textOf = ({ operation, resource, name }: KafkaGrant) => `${operation} on ${resource} ${name}`;

/** Operations that Kafka implies by another, and may check first. */
const implied: Partial<Record<KafkaGrant['operation'], readonly string[]>> = {
  Read: ['Describe'],
  Write: ['Describe'],
  Delete: ['Describe'],
  Alter: ['Describe'],
  AlterConfigs: ['DescribeConfigs'],
};

/** Returns a row with all grants of a feature, and a row without each of them. */
function rowsOf(feature: FeatureName): Row[] {
  const { grants: own }: { grants: readonly KafkaGrant[] } = kafkaFeatures[feature];
  const { reassign, monitoring, loadTest: run } = kafkaFeatures;
  const beside: Partial<Record<FeatureName, readonly KafkaGrant[]>> = {
    storeTimes: monitoring.grants,
    retention: reassign.grants,
    roll: monitoring.grants,
    transactions: run.grants,
  };
  const all = [...(beside[feature] ?? []), ...own];
  // Grants that a load test shares with monitoring are tested there, and the lease of a rolling restart with every other change.
  const isTested: Partial<Record<FeatureName, (grant: KafkaGrant) => boolean>> = {
    loadTest: ({ name }) => name.startsWith('plimsoll-'),
    roll: ({ resource }) => resource === 'cluster',
  };
  const dropped = own.filter(isTested[feature] ?? (() => true));
  const row = (name: string, missing?: KafkaGrant): Row => ({
    feature,
    name,
    topic: `topic-${name}`,
    group,
    grants: all.filter((each) => each !== missing),
    ...(missing && { missing }),
    title: missing === undefined ? `${feature}: documented ACLs` : `${feature}: without ${textOf(missing)}`,
  });
  return [row(feature), ...dropped.map((missing, index) => row(`${feature}-${index}`, missing))];
}

const rows = names.flatMap(rowsOf);

/** Differs for each row, because an equal value changes nothing. */
let settingValue = 0;

const exercises: Record<FeatureName, (exercise: Exercise, row: Row) => Promise<Exercised>> = {
  monitoring: exerciseMonitoring,
  storeTimes: exerciseStoreTimes,
  lag: exerciseLag,
  settings: exerciseSettings,
  clients: (exercise) => exerciseClients(exercise, kafka.open),
  check: exerciseCheck,
  message: (exercise) => exerciseMessage(exercise, '0', 'message'),
  messages: (exercise) => exerciseMessage(exercise, '0', 'messages'),
  receive: (exercise) => exerciseReceive(exercise),
  commitReceived: (exercise) => exerciseReceive(exercise, '--commit'),
  canary: exerciseCanary,
  loadTest: (exercise, { name }) => exerciseLoadTest(exercise, name),
  transactions: async (exercise, { name }) => {
    const workload = join(exercise.folder, `${name}-workload.yaml`);
    await writeFile(workload, 'transactions: { duration: 100ms }\n');
    return exerciseLoadTest(exercise, name, workload);
  },
  capture: (exercise, { name }) => exerciseCapture(exercise, name),
  lease: exerciseLease,
  reassign: async (exercise) => exerciseChange(exercise, await reassignment(exercise), 'Done.'),
  retention: async (exercise) =>
    // Execution would wait minutes for brokers to delete segments; its requests are those of a reassignment.
    exercisePlan(exercise, [...(await reassignment(exercise)), '--cut-retention', '2h'], 'A retention of 2 h'),
  partitions: (exercise) =>
    exerciseChange(
      exercise,
      ['kafka', 'partitions', '--topic', exercise.topic, '--to', '2', '--accept-key-moves', '--json'],
      `are Kafka Streams applications: ${group}.`,
    ),
  offsets: (exercise) =>
    exerciseChange(exercise, ['offsets', 'reset', '--group', group, '--topic', exercise.topic, '--earliest']),
  acls: exerciseAcls,
  send: (exercise) => exerciseSend(exercise),
  createTopic: (exercise) =>
    exerciseChange(
      exercise,
      ['kafka', 'create-topic', '--topic', exercise.topic, '--partitions', '1', '--replication-factor', '1'],
      'done',
    ),
  alterTopic: (exercise) =>
    exerciseChange(
      exercise,
      ['kafka', 'alter-topic', '--topic', exercise.topic, '--set', 'retention.ms=1', '--accept-readers'],
      'done',
      `group ${group} has not read 1 of them`,
    ),
  deleteTopic: (exercise) =>
    exerciseChange(
      exercise,
      ['kafka', 'delete-topic', '--topic', exercise.topic, '--watch', '0s', '--confirm-name', exercise.topic],
      'on disk over all copies',
      `group ${group} has offsets`,
    ),
  deleteRecords: (exercise) => {
    const { topic } = exercise;
    const words = ['kafka', 'delete-records', '--topic', topic, '--all', '--accept-readers', '--confirm-name', topic];
    return exerciseChange(exercise, words, 'done', `group ${group} has not read 1 of them`);
  },
  alterAcls: (exercise, { name }) =>
    exerciseChange(
      exercise,
      [
        'kafka',
        'alter-acls',
        '--principal',
        `User:friend-of-${name}`,
        '--topic',
        exercise.topic,
        '--operation',
        'Read',
      ],
      'done',
    ),
  scramUser: async (exercise, { name }) => {
    const file = join(exercise.folder, 'secret');
    await writeFile(file, 'not-a-secret');
    return exerciseChange(
      exercise,
      ['kafka', 'alter-scram-user', '--user', `friend-of-${name}`, '--password-file', file],
      'done',
    );
  },
  roll: exerciseRoll,
  brokerSettings: (exercise) =>
    exerciseChange(
      exercise,
      ['kafka', 'alter-config', '--all-brokers', '--set', `log.cleaner.backoff.ms=${15_000 + (settingValue += 1)}`],
      'done',
    ),
  quotas: (exercise, { name }) =>
    exerciseChange(
      exercise,
      ['kafka', 'alter-quotas', '--client', name, '--set', 'producer_byte_rate=1000000'],
      'done',
    ),
  deleteGroup: (exercise) =>
    exerciseChange(
      exercise,
      ['kafka', 'delete-group', '--group', group, '--topic', exercise.topic, '--confirm-name', group],
      'done',
    ),
  resend: ({ topic, ...exercise }) =>
    exerciseChange(
      { ...exercise, topic },
      ['kafka', 'resend', '--topic', deadLettersOf(topic), '--to', topic, '--wait', '0s'],
      'copies read back: 2',
    ),
};

let kafka: RestrictedKafka;

/** Moves the topic to other brokers. */
async function reassignment({ topic }: Exercise): Promise<string[]> {
  await using inspector = await kafkaDriver.inspect('lab', kafka.open, io());
  const { topics } = await inspector.snapshot(io(), { topics: [topic], groups: [] });
  const home = topics[0]?.partitions[0]?.replicas[0] ?? '';
  const pace = ['--network', '1gbit', '--interval', '1', '--delayed-writes', 'off'];
  return ['kafka', 'reassign', '--topics', topic, '--remove', home, ...pace];
}

/** Sends the requests of a rolling restart except for its lease: cluster health, and an election; no broker is restarted. */
async function exerciseRoll(exercise: Exercise): Promise<Exercised> {
  const restarted = await leaveLeadership(exercise.topic);
  const gate = kafkaGate('lab', exercise.config as KafkaClusterConfig);
  try {
    const blockers = await gate.blockers(await gate.baseline(io()), io());
    const elected = await gate.restoreLeaders?.(restarted, io());
    const text = JSON.stringify([blockers, elected]);
    return { isWhole: /leadership returned to broker \d/.test(text), text };
  } catch (cause) {
    return { isWhole: false, text: (cause as Error).message };
  }
}

/** Like after a restart: the preferred leader is in sync but leads nothing. @returns its id */
async function leaveLeadership(topic: string): Promise<string> {
  await using changes = openKafkaChanges('lab', kafka.open);
  const state = async () => (await changes.describe(io())).topics.find(({ name }) => name === topic)?.partitions[0];
  const before = await state();
  const leader = Number(before?.leader);
  const other = [1, 2, 3].find((id) => id !== leader) ?? 0;
  for (const replicas of [
    [leader, other],
    [other, leader],
  ]) {
    await changes.reassign([{ topic, partition: 0, replicas }], io());
    await expect.poll(async () => (await state())?.replicas, { timeout: 30_000 }).toEqual(replicas.map(String));
    await expect.poll(async () => (await state())?.inSyncReplicas.length, { timeout: 30_000 }).toBe(2);
  }
  expect((await state())?.leader).toBe(String(leader));
  return String(other);
}

const isLoadTest = (feature: FeatureName) => feature === 'loadTest' || feature === 'transactions';

const loadTest = {
  window: 'always',
  maxTps: 10_000,
  maxNicShare: '100%',
  topicPrefix: 'plimsoll-',
  approver: 'the test',
  overload: 'allowed',
};

if (fullMatrix) {
  requires('java', 'maven').describe('principals with exactly the documented ACLs', () => {
    beforeAll(async () => {
      kafka = await restrictedKafka(rows);
      await using admin = await kafkaDriver.administer('lab', kafka.open, io());
      await using traffic = await kafkaDriver.traffic('lab', kafka.open, io());
      await using producer = await traffic.producer({ acks: 'all' });
      await using reach = createReach('lab', kafka.open, systemClock);
      await admin.createTopic({ name: changelog, partitions: 1, replicationFactor: 1 }, io());
      for (const { topic, feature } of rows) {
        if (feature === 'createTopic') continue;
        for (const name of feature === 'resend' ? [topic, deadLettersOf(topic)] : [topic]) {
          await admin.createTopic({ name, partitions: 1, replicationFactor: 1 }, io());
          await producer.send({ topic: name, partition: 0, values: [Buffer.from('one'), Buffer.from('two')] }, io());
        }
        await commitFromOutside(reach, group, topic, new Map([[0, 1n]]), io());
      }
    });
    afterAll(() => kafka[Symbol.asyncDispose]());

    test.each(rows)('$title', async (row) => {
      const { feature, topic, missing } = row;
      const configPath = await kafka.writeConfig(row, isLoadTest(feature) ? { loadTest } : {});
      const exercise = {
        config: kafka.configOf(row),
        configPath,
        confirmed: kafka.clusterId,
        topic,
        group,
        folder: kafka.folder,
      };
      const { isWhole, text } = await exercises[feature](exercise, row);
      expect(isWhole, text).toBe(missing === undefined);
      if (missing === undefined) return;
      // If no topic remains, the metadata contains the reason.
      if (feature === 'monitoring' && missing.resource === 'topic' && missing.without !== 'refused') {
        expect(text).toContain('needs Describe on the topic');
      }
      if (missing.without !== 'refused') return;
      const asked = [missing.operation, ...(implied[missing.operation] ?? [])];
      expect(text).toMatch(new RegExp(`needs (${asked.join('|')}) on the ${missing.resource}`));
    });
  });
}
