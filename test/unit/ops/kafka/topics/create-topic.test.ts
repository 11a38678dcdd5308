import { inEnglish } from '../../../../support/in-english.ts';
import { expect, test } from 'vitest';
import { openKafkaAdministration } from '../../../../../brokers/kafka/changes/kafka-administration.ts';
import { KafkaClusterConfig } from '../../../../../brokers/kafka/config.ts';
import { systemClock } from '../../../../../core/clock.ts';
import { AppError } from '../../../../../core/errors.ts';
import type { Partition } from '../../../../../core/cluster.ts';
import { createTopic, planCreateTopic } from '../../../../../ops/kafka/topics/create-topic.ts';

const io = { signal: new AbortController().signal };
const [latest, earliest] = [-1, -2];

interface Found {
  partitions: number;
  copies: number;
  /** End offsets by partition. */
  ends?: readonly bigint[];
  starts?: readonly bigint[];
  /** The value that is set on the topic. */
  retentionMs?: string;
  /** The user may not read settings. */
  isHidden?: boolean;
  planned?: Readonly<Record<string, string>>;
}

/** The creation of `orders` with 2 partitions and 2 copies on a cluster that has this topic. */
function creation(found: Found) {
  const { partitions, copies, starts = [0n, 0n], ends = [0n, 0n], retentionMs, isHidden, planned = {} } = found;
  const replicas = ['1', '2', '3'].slice(0, copies);
  const listed = Array.from({ length: partitions }, (_, partition): Partition => ({
    topic: 'orders',
    partition,
    leader: '1',
    replicas,
    inSyncReplicas: replicas,
  }));
  let isDeleted = false;
  const admin = {
    ...openKafkaAdministration('lab', KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['127.0.0.1:1'] })),
    describe: async () => ({
      topics: isDeleted ? [] : [{ name: 'orders', internal: false, partitions: listed }],
      brokers: [],
    }),
    offsetsAt: async (asked: readonly { partition: number }[], at: number) =>
      asked.flatMap(({ partition }) => {
        const offset = { [earliest]: starts, [latest]: ends }[at]?.[partition];
        return offset === undefined ? [] : [{ topic: 'orders', partition, offset }];
      }),
    settingsOf: async (_: object, keys: readonly string[]) => {
      if (isHidden) throw new AppError('broker-refused', 'cannot read the settings of topic orders');
      return new Map(keys.map((key) => [key, { isOwn: retentionMs !== undefined, value: retentionMs ?? '604800000' }]));
    },
    deleteTopic: async () => void (isDeleted = true),
  };
  const facts = { topic: 'orders', partitions: 2, replicationFactor: 2, settings: planned };
  const [step] = createTopic.steps(facts, { admin, clock: systemClock, clusterArgs: '' });
  if (step === undefined || !('run' in step.undo)) throw new Error('no step that can be undone');
  return { run: () => step.run(io), undo: step.undo.run, isDeleted: () => isDeleted };
}

test('the rollback deletes the created topic while it is empty', async () => {
  const { undo, isDeleted } = creation({ partitions: 2, copies: 2 });
  await undo?.(io);
  expect(isDeleted()).toBe(true);
});

test.each([
  {
    what: 'with other partitions',
    found: { partitions: 6, copies: 2 },
    says: 'another tool or person created it (partitions: 6, replication factor: 2)',
  },
  {
    what: 'with other copies',
    found: { partitions: 2, copies: 3 },
    says: 'another tool or person created it (partitions: 2, replication factor: 3)',
  },
  {
    what: 'whose end is unknown',
    found: { partitions: 2, copies: 2, ends: [0n] },
    says: 'no leader answers for partitions 1',
  },
  {
    what: 'whose start is unknown',
    found: { partitions: 2, copies: 2, starts: [0n], ends: [0n, 9n] },
    says: 'no leader answers for partitions 1',
  },
  {
    what: 'with another setting',
    found: { partitions: 2, copies: 2, planned: { 'retention.ms': '3600000' } },
    says: 'another tool or person created it (retention.ms: the default)',
  },
  { what: 'with messages', found: { partitions: 2, copies: 2, ends: [0n, 9n] }, says: 'it has messages' },
])('the rollback keeps a topic $what', async ({ found, says }) => {
  const { undo, isDeleted } = creation(found);
  expect(inEnglish(await undo?.(io))).toEqual([expect.stringContaining(`orders stays: ${says}`)]);
  expect(isDeleted()).toBe(false);
});

test('a topic with other partitions or settings does not count as the one that an interrupted process created', async () => {
  expect(await creation({ partitions: 2, copies: 2 }).run()).toEqual({
    kind: 'done',
    evidence: [{ en: 'orders exists already', zh: 'orders 已存在' }],
  });
  for (const found of [
    { partitions: 6, copies: 2 },
    { partitions: 2, copies: 3 },
    { partitions: 2, copies: 2, planned: { 'retention.ms': '3600000' }, retentionMs: '7200000' },
  ]) {
    await expect(creation(found).run()).rejects.toMatchObject({ code: 'topic-conflict' });
  }
});

test('a user who may create a topic but not read its settings can resume and roll back', async () => {
  const found = { partitions: 2, copies: 2, planned: { 'retention.ms': '3600000' }, isHidden: true };
  expect(await creation(found).run()).toMatchObject({ kind: 'done' });
  const { undo, isDeleted } = creation(found);
  await undo?.(io);
  expect(isDeleted()).toBe(true);
});

test.each([
  ['3.6', 'critical never-in-sync'],
  ['3.7', 'warning needs-all-in-sync'],
])(
  'on Kafka %s, a topic whose min.insync.replicas is above its replicas is planned with: %s',
  async (version, code) => {
    const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['127.0.0.1:1'] });
    const admin = {
      ...openKafkaAdministration('lab', config),
      version: async () => version,
      createTopic: async () => ({ partitions: 1, replicationFactor: 2 }),
    };
    const wanted = { name: 'orders', config: { 'min.insync.replicas': '3' } };
    const { findings } = await planCreateTopic({ admin, clock: systemClock, clusterArgs: '' }, wanted, io);
    expect(findings.map((each) => `${each.severity} ${each.code}`)).toEqual([code]);
  },
);
