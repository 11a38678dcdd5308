import { expect, test } from 'vitest';
import { openRocketmqAdministration } from '../../../../../brokers/rocketmq/changes/rocketmq-administration.ts';
import { RocketmqClusterConfig } from '../../../../../brokers/rocketmq/config.ts';
import { systemClock } from '../../../../../core/clock.ts';
import { seconds } from '../../../../../core/units.ts';
import { deleteTopic } from '../../../../../ops/rocketmq/topics/delete-topic.ts';
import { planDeleteTopic } from '../../../../../ops/rocketmq/topics/plan-delete-topic.ts';
import { topicOf } from '../../../../support/defined-topic.ts';
import { store } from '../../../../support/fake-change-desk.ts';
import { brokerOf, pair } from '../../../../support/queue-change.ts';

const io = { signal: new AbortController().signal };

test.each([
  { what: 'written to', queueId: 0 },
  { what: 'given another queue that is written to', queueId: 2 },
])(
  'a topic that was $what between the plan that was shown and the one under the lease is kept',
  async ({ queueId }) => {
    const cluster = pair();
    const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: ['127.0.0.1:1'] });
    const deleted: string[] = [];
    const admin = {
      ...openRocketmqAdministration('lab', config),
      ...cluster.desk,
      deleteTopic: async (address: string) => void deleted.push(address),
    };
    const tools = { admin, clock: { ...systemClock, sleep: async () => undefined }, known: [], clusterArgs: '' };
    const spec = { topic: 'orders', watch: seconds(5), acceptWrites: false, acceptReaders: false };
    const shown = await planDeleteTopic(tools, spec, io);
    const broker = brokerOf(cluster);
    broker.topics.set('orders', topicOf('orders', { readQueues: queueId + 1, writeQueues: queueId + 1 }));
    store(broker, 'orders', { queueId });
    const { facts } = await planDeleteTopic(tools, { ...spec, shown: shown.facts }, io);
    await expect(deleteTopic.steps(facts, tools)[0]?.run(io)).rejects.toMatchObject({
      code: 'change-refused',
      message: `topic orders is not deleted: producers wrote to queue ${queueId} of broker-b since the plan (messages: 1)`,
    });
    expect(deleted).toEqual([]);
  },
);
