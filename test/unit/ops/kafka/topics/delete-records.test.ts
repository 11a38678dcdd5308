import { expect, test } from 'vitest';
import { openKafkaAdministration } from '../../../../../brokers/kafka/changes/kafka-administration.ts';
import { KafkaClusterConfig } from '../../../../../brokers/kafka/config.ts';
import { systemClock } from '../../../../../core/clock.ts';
import type { Partition } from '../../../../../core/cluster.ts';
import { deleteRecords, planDeleteRecords } from '../../../../../ops/kafka/topics/delete-records.ts';

const io = { signal: new AbortController().signal };
const [latest, earliest] = [-1, -2];

/** A topic whose partitions store so many messages from offset 0. @param byTime first offset at a time, by partition; absent without an answer */
function topic(stored: bigint[], byTime: Readonly<Record<number, bigint | 'none'>> = {}, ids: string[] = []) {
  const partitions = stored.map((_, partition): Partition => ({
    topic: 'orders',
    partition,
    leader: '1',
    replicas: ['1'],
    inSyncReplicas: ['1'],
  }));
  const admin = {
    ...openKafkaAdministration('lab', KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['127.0.0.1:1'] })),
    describe: async () => ({
      topics: [{ name: 'orders', ...(ids[0] !== undefined && { id: ids[0] }), internal: false, partitions }],
      brokers: [],
    }),
    allSettings: async () => new Map(),
    offsetsAt: async (asked: readonly { partition: number }[], at: number) =>
      asked.flatMap(({ partition }) => {
        const found = at === earliest ? 0n : at === latest ? (stored[partition] ?? 0n) : byTime[partition];
        return found === undefined ? [] : [{ topic: 'orders', partition, ...(found !== 'none' && { offset: found }) }];
      }),
  };
  return { admin, clock: systemClock, clusterArgs: '' };
}

test('planned again on a topic that is written, --all deletes what it stored when the plan was shown', async () => {
  const stored = [100n, 0n];
  const tools = topic(stored);
  const spec = { topic: 'orders', acceptReaders: false };
  const plan = async (ends?: ReadonlyMap<number, bigint>) =>
    planDeleteRecords(tools, { ...spec, before: { kind: 'end', ...(ends && { ends }) } }, { groups: [] }, io);
  const shown = await plan();
  stored.splice(0, 2, 120n, 5n);
  const again = await plan(new Map(shown.facts.partitions.map((each) => [each.partition, BigInt(each.before)])));
  expect(again.facts).toEqual(shown.facts);
  const textOf = ({ facts }: typeof shown) => deleteRecords.steps(facts, tools).map(({ description }) => description);
  expect(textOf(again)).toEqual(['delete the records of orders before 0:100']);
  expect(textOf(await plan())).toEqual(['delete the records of orders before 0:120, 1:5']);
});

test('a partition whose offset at the time could not be read keeps all its messages, and the plan is refused', async () => {
  const before = { kind: 'time', atMs: 1000 } as const;
  const spec = { topic: 'orders', acceptReaders: false, before };
  const { facts, findings } = await planDeleteRecords(
    topic([100n, 100n, 100n], { 0: 30n, 1: 'none' }),
    spec,
    { groups: [] },
    io,
  );
  expect(facts.partitions.map(({ partition, before: kept }) => [partition, kept])).toEqual([
    [0, '30'],
    [1, '100'],
  ]);
  expect(findings).toContainEqual(
    expect.objectContaining({
      severity: 'critical',
      code: 'offsets-unread',
      message: 'no leader answers for these partitions of orders: 2',
    }),
  );
});

test('resumed, it deletes nothing of a topic that was created again, whatever that stores', async () => {
  const ids = ['id-1'];
  const tools = topic([100n], {}, ids);
  const spec = { topic: 'orders', acceptReaders: false, before: { kind: 'offset', offset: 30n } } as const;
  const { facts } = await planDeleteRecords(tools, spec, { groups: [] }, io);
  ids[0] = 'id-2';
  await expect(deleteRecords.steps(facts, tools)[0]?.run(io)).rejects.toMatchObject({
    code: 'change-refused',
    message: 'topic orders was created again since the plan: nothing is deleted',
  });
});
