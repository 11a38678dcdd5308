import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRocketmqAdmin } from '../../brokers/rocketmq/admin.ts';
import { ask } from '../../brokers/rocketmq/ask.ts';
import { encodeGetRoute } from '../../brokers/rocketmq/protocol/name-server-requests.ts';
import { createRemotingClient } from '../../brokers/rocketmq/protocol/remoting-client.ts';
import { queuesOf } from '../../brokers/rocketmq/topic-queues.ts';
import { createRocketmqTraffic } from '../../brokers/rocketmq/traffic.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { startRocketmq, type RunningRocketmq } from '../support/rocketmq.ts';
import { conformsAsAdmin, onNewTopic, uniqueName } from './administration.ts';
import { conformsAsRocketmqSends } from './rocketmq-sends.ts';
import { conformsAsTraffic } from './traffic.ts';

const versions = fullMatrix ? ['4.9.7', '5.3.3', '5.5.0'] : ['5.3.3'];
const mode = fullMatrix ? 'two-masters' : 'single';

for (const version of versions) {
  requires('java', 'maven').describe(`RocketMQ ${version}`, () => {
    let rocketmq: RunningRocketmq;

    beforeAll(async () => {
      // A JVM that has just started rejects some of a hundred simultaneous sends on two busy cores, which is not tested here.
      const patience = { waitTimeMillsInSendQueue: '10000' };
      // By default, brokers check open transactions only once a minute.
      const properties = { ...patience, transactionCheckInterval: '1000', transactionTimeOut: '1000' };
      rocketmq = await startRocketmq({ version, mode, nameServers: 2, properties });
    });
    afterAll(async () => rocketmq[Symbol.asyncDispose]());

    const io = () => ({ signal: AbortSignal.timeout(60_000) });
    const administer = () => createRocketmqAdmin('lab', rocketmq.config, io());
    const open = () => onNewTopic(administer, () => createRocketmqTraffic('lab', rocketmq.config, io()));

    /** Returns queues by broker, as each name server reports them; undefined if it does not have the topic. */
    async function routesOf(topic: string): Promise<(Record<string, number> | undefined)[]> {
      await using client = createRemotingClient({ name: 'lab', config: rocketmq.config });
      return await Promise.all(
        rocketmq.namesrv.map(async (address) => {
          const route = await ask(client, { action: 'read a route', address }, encodeGetRoute({ topic }), io());
          if (route === undefined) return undefined;
          const byBroker = Map.groupBy(queuesOf(topic, route), ({ brokerName }) => brokerName);
          return Object.fromEntries([...byBroker].map(([broker, queues]) => [broker, queues.length]));
        }),
      );
    }

    describe('traffic', () => {
      conformsAsTraffic(open, fullMatrix ? { keys: true, holdsOnePartition: true } : undefined);
      if (fullMatrix) conformsAsRocketmqSends({ version, config: () => rocketmq.config, open });

      test('splits a batch larger than the broker accepts, and keeps the order', async () => {
        await using subject = await open();
        const stop = new AbortController();
        const arrived: string[] = [];
        await using consumer = await subject.traffic.consumer({ group: subject.topic, topic: subject.topic });
        const { promise: assigned, resolve: onAssigned } = Promise.withResolvers<void>();
        const onBatch = ({ values }: { values: readonly Buffer[] }) => {
          for (const value of values) arrived.push(`${value.length} of ${value[0]}`);
        };
        const running = consumer.run(onBatch, { signal: stop.signal, onAssigned });
        await Promise.race([assigned, running]);
        await using producer = await subject.traffic.producer({ acks: 'all' });
        const values = [1, 2, 3, 4, 5, 6].map((filling) => Buffer.alloc(1_000_000, filling));
        await producer.send({ topic: subject.topic, partition: 1, values }, io());
        while (arrived.length < values.length) {
          await Promise.race([new Promise((resolve) => setTimeout(resolve, 10)), running]);
        }
        stop.abort();
        await running;
        expect(arrived).toEqual([1, 2, 3, 4, 5, 6].map((filling) => `1000000 of ${filling}`));
      });

      test('reports why the broker rejected a message', async () => {
        await using subject = await open();
        await using producer = await subject.traffic.producer({ acks: 'all' });
        const values = [Buffer.alloc(5_000_000)];
        await expect(producer.send({ topic: subject.topic, partition: 0, values }, io())).rejects.toMatchObject({
          code: 'broker-refused',
          message: expect.stringMatching(new RegExp(`cannot send to ${subject.topic}-0 on .*limit 4194304B`)),
        });
      });
    });

    describe('administration', () => {
      conformsAsAdmin(administer);

      test('creates a topic that every name server reports, spread over the masters, and deletes it', async () => {
        await using admin = await administer();
        const name = uniqueName();
        await admin.createTopic({ name, partitions: 5, replicationFactor: 1 }, io());
        const spread = mode === 'single' ? { 'broker-a': 5 } : { 'broker-a': 3, 'broker-b': 2 };
        expect(await routesOf(name)).toEqual([spread, spread]);
        await admin.deleteTopic(name, io());
        expect(await routesOf(name)).toEqual([undefined, undefined]);
      });

      test('reports why the broker rejected a topic', async () => {
        await using admin = await administer();
        const refused = admin.createTopic({ name: 'no such name', partitions: 1, replicationFactor: 1 }, io());
        await expect(refused).rejects.toMatchObject({
          code: 'broker-refused',
          message: expect.stringContaining('cannot create topic no such name on'),
        });
      });
    });
  });
}
