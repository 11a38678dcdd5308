import { expect, test } from 'vitest';
import { openKafkaAdministration } from '../../../../../brokers/kafka/changes/kafka-administration.ts';
import { KafkaClusterConfig } from '../../../../../brokers/kafka/config.ts';
import { systemClock } from '../../../../../core/clock.ts';
import type { Partition } from '../../../../../core/cluster.ts';
import { seconds } from '../../../../../core/units.ts';
import { deleteTopic, type DeleteTopicFacts } from '../../../../../ops/kafka/topics/delete-topic.ts';
import { planDeleteTopic } from '../../../../../ops/kafka/topics/plan-delete-topic.ts';

const io = { signal: new AbortController().signal };

/** A topic whose partitions end at these offsets. */
function topic(ends: bigint[]) {
  const partitions = () =>
    ends.map((_, partition): Partition => ({
      topic: 'orders',
      partition,
      leader: '1',
      replicas: ['1'],
      inSyncReplicas: ['1'],
    }));
  let isDeleted = false;
  const topics = () => (isDeleted ? [] : [{ name: 'orders', internal: false, partitions: partitions() }]);
  const admin = {
    ...openKafkaAdministration('lab', KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['127.0.0.1:1'] })),
    describe: async () => ({ topics: topics(), brokers: [] }),
    allSettings: async () => new Map(),
    sizes: async () => [],
    offsetsAt: async (asked: readonly { partition: number }[]) =>
      asked.map(({ partition }) => ({ topic: 'orders', partition, offset: ends[partition] ?? 0n })),
    deleteTopic: async () => void (isDeleted = true),
  };
  const tools = { admin, clock: { ...systemClock, sleep: async () => undefined }, clusterArgs: '' };
  return {
    isDeleted: () => isDeleted,
    plan(acceptWrites: boolean, shown?: DeleteTopicFacts) {
      const spec = { topic: 'orders', watch: seconds(5), acceptWrites, acceptReaders: false, ends: shown?.ends };
      return planDeleteTopic(tools, spec, { groups: [], sections: [] }, io);
    },
    run: async (facts: DeleteTopicFacts) => deleteTopic.steps(facts, tools)[0]?.run(io),
  };
}

test.each([
  { what: 'was written', after: [103n, 7n], message: 'producers wrote to partition 0 since the plan (messages: 3)' },
  {
    what: 'got a partition with messages',
    after: [100n, 7n, 2n],
    message: 'producers wrote to partition 2 since the plan (messages: 2)',
  },
  { what: 'was created again', after: [10n, 7n], message: 'it was created again since the plan' },
])(
  'a topic that $what between the plan that was shown and the one under the lease is kept',
  async ({ after, message }) => {
    const ends = [100n, 7n];
    const { plan, run, isDeleted } = topic(ends);
    const shown = await plan(false);
    ends.splice(0, ends.length, ...after);
    const { facts } = await plan(false, shown.facts);
    await expect(run(facts)).rejects.toMatchObject({
      code: 'change-refused',
      message: expect.stringContaining(message) as string,
    });
    expect(isDeleted()).toBe(false);
  },
);

test('--accept-writes deletes a topic that is written', async () => {
  const ends = [100n];
  const { plan, run, isDeleted } = topic(ends);
  const shown = await plan(true);
  ends[0] = 103n;
  await run((await plan(true, shown.facts)).facts);
  expect(isDeleted()).toBe(true);
});
