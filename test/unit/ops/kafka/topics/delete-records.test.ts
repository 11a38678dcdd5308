import { expect, test } from 'vitest';
import { openKafkaAdministration } from '../../../../../brokers/kafka/changes/kafka-administration.ts';
import { KafkaClusterConfig } from '../../../../../brokers/kafka/config.ts';
import { systemClock } from '../../../../../core/clock.ts';
import type { Partition } from '../../../../../core/cluster.ts';
import { deleteRecords, planDeleteRecords } from '../../../../../ops/kafka/topics/delete-records.ts';

const io = { signal: new AbortController().signal };
const earliest = -2;

/** A topic whose partitions store so many messages from offset 0. */
function topic(stored: bigint[]) {
  const partitions = stored.map((_, partition): Partition => ({
    topic: 'orders',
    partition,
    leader: '1',
    replicas: ['1'],
    inSyncReplicas: ['1'],
  }));
  const admin = {
    ...openKafkaAdministration('lab', KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['127.0.0.1:1'] })),
    describe: async () => ({ topics: [{ name: 'orders', internal: false, partitions }], brokers: [] }),
    allSettings: async () => new Map(),
    offsetsAt: async (asked: readonly { partition: number }[], at: number) =>
      asked.map(({ partition }) => ({
        topic: 'orders',
        partition,
        offset: at === earliest ? 0n : (stored[partition] ?? 0n),
      })),
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
