// Produces and consumes messages while dashboards are rendered, and lets a consumer group fall behind.

import { setTimeout } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { ignoreFault } from '../../core/errors.ts';
import type { RocketmqClusterConfig } from '../../brokers/rocketmq/config.ts';
import { openRocketmq } from '../../lab/seed/rocketmq-cluster.ts';
import { makeTopics } from '../../test/support/kafka-topics.ts';

interface ShopTraffic extends AsyncDisposable {
  /** Stops reads of the topic's group; its members stay. */
  stopConsumer(): void;
}

const messageBytes = 400;
const pauseMs = 200;
const partitions = 6;
const io = { signal: new AbortController().signal };

/**
 * Produces 100 messages per second, which group `billing` reads as they are written; group `reports` has only read the
 * beginning.
 */
export async function startKafkaShop(brokers: string[]): Promise<ShopTraffic> {
  const client = new Kafka({ clientId: 'shop', brokers, logLevel: logLevel.NOTHING, retry: { retries: 20 } });
  const [admin, producer, consumer] = [client.admin(), client.producer(), client.consumer({ groupId: 'billing' })];
  await Promise.all([admin.connect(), producer.connect(), consumer.connect()]);
  const topic = 'order-created';
  await makeTopics(admin, [{ topic, numPartitions: partitions, replicationFactor: 3 }]);
  const values = (count: number) => Array.from({ length: count }, () => ({ value: 'x'.repeat(messageBytes) }));
  await producer.send({ topic, messages: values(600) });
  const read = Array.from({ length: partitions }, (_, partition) => ({ partition, offset: '10' }));
  await admin.setOffsets({ groupId: 'reports', topic, partitions: read });
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({ autoCommitInterval: 1000, eachMessage: async () => {} });
  const produced = repeat(() => producer.send({ topic, messages: values(20) }));
  return {
    stopConsumer: () => consumer.pause([{ topic }]),
    async [Symbol.asyncDispose]() {
      await produced.end();
      await Promise.all([admin.disconnect(), producer.disconnect(), consumer.disconnect()]);
    },
  };
}

/** Produces 40 messages per second to a master; group `settlement` commits them like a member. */
export async function startRocketmqShop(cluster: string, config: RocketmqClusterConfig): Promise<ShopTraffic> {
  const [topic, group] = ['payment-accepted', 'settlement'];
  const shop = await openRocketmq(cluster, config, io);
  await shop.ensureTopic(topic, partitions, io);
  let isStopped = false;
  let turn = 0;
  const produced = repeat(async () => {
    const values = Array.from({ length: 8 }, () => Buffer.alloc(messageBytes, 'x'));
    await shop.send(topic, turn++ % partitions, values, io);
    if (isStopped) return;
    const ends = await shop.ends(topic, partitions, io);
    await shop.commit(group, topic, new Map(ends.map((end, partition) => [partition, end])), io);
  });
  return {
    stopConsumer: () => (isStopped = true),
    async [Symbol.asyncDispose]() {
      await produced.end();
      await shop[Symbol.asyncDispose]();
    },
  };
}

function repeat(act: () => Promise<unknown>): { end(): Promise<void> } {
  let isOver = false;
  const done = (async () => {
    for (; !isOver; await setTimeout(pauseMs))
      await act().catch(ignoreFault('leaders of a killed broker move meanwhile'));
  })();
  return {
    end() {
      isOver = true;
      return done;
    },
  };
}
