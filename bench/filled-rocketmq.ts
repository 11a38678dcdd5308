// Fills a RocketMQ cluster with topics and groups for the scrape bench.

import { pipelined } from '../brokers/pipelined.ts';
import type { Output } from '../app/caller.ts';
import type { SeededCluster } from '../lab/seed/seeded-cluster.ts';

const queuesPerTopic = 4;
/** The broker creates topics one after the other: further concurrent requests only wait. */
const atOnce = 8;

interface RocketmqSize {
  topics: number;
  groups: number;
  /** Topics in which a group has committed in every queue. */
  topicsPerGroup: number;
}

interface FillIo {
  signal: AbortSignal;
  stderr: Output;
}

const queues = Array.from({ length: queuesPerTopic }, (_, queue) => queue);
const topicName = (index: number) => `bench-${index}`;

/** Each queue contains one message, and each group has consumed those of its topics. */
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

/** Sends one message to each queue of the first topics. */
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
