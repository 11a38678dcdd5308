// Fills a RocketMQ cluster with topics and groups for the scrape bench.

import { pipelined } from '../brokers/pipelined.ts';
import type { Output } from '../app/caller.ts';
import type { SeededCluster } from '../lab/seed/seeded-cluster.ts';

const queuesPerTopic = 4;
/** Topics are made one after the other by the broker: more at once only wait. */
const atOnce = 8;

interface RocketmqSize {
  topics: number;
  groups: number;
  /** In every queue of which a group has committed. */
  topicsPerGroup: number;
}

interface FillIo {
  signal: AbortSignal;
  stderr: Output;
}

const queues = Array.from({ length: queuesPerTopic }, (_, queue) => queue);
const topicName = (index: number) => `bench-${index}`;

/** Each queue holds a message, and each group has consumed those of its topics. */
export async function fillRocketmq(
  cluster: SeededCluster,
  { topics, groups, topicsPerGroup }: RocketmqSize,
  { signal, stderr }: FillIo,
): Promise<void> {
  const io = { signal };
  let made = 0;
  await pipelined(
    Array.from({ length: topics }, (_, index) => topicName(index)),
    atOnce,
    async (topic) => {
      await cluster.ensureTopic(topic, queuesPerTopic, io);
      if (++made % 100 === 0) stderr.write(`${made} topics\n`);
    },
  );
  await sendToEach(cluster, topics, io);
  const consumed = new Map(queues.map((queue) => [queue, 1n]));
  await pipelined(
    Array.from({ length: groups }, (_, group) => group),
    atOnce,
    async (group) => {
      for (let offset = 0; offset < topicsPerGroup; offset++) {
        const topic = topicName((group * topicsPerGroup + offset) % topics);
        await cluster.commit(`bench-group-${group}`, topic, consumed, io);
      }
    },
  );
  stderr.write(`${groups} groups in ${topicsPerGroup} topics each\n`);
}

/** One message to each queue of the first topics. */
export async function sendToEach(cluster: SeededCluster, topics: number, io: { signal: AbortSignal }): Promise<void> {
  const value = Buffer.from('x'.repeat(200));
  await pipelined(
    Array.from({ length: topics }, (_, index) => topicName(index)),
    atOnce,
    async (topic) => {
      for (const queue of queues) await cluster.send(topic, queue, [value], io);
    },
  );
}
