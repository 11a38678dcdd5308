// Seeds a running lab up to the plan so that every metric has data; a second run adds nothing.

import type { Io } from '../../brokers/driver.ts';
import type { ClusterConfig } from '../../brokers/config.ts';
import { byKind } from '../../core/broker-kind/registry.ts';
import { fillTopic } from './fill-topic.ts';
import { commitsOf, seedGroups, seedTopics } from './plan.ts';
import { openRocketmq } from './rocketmq-cluster.ts';
import type { Seeded, SeededCluster, SeededTopic, SeedIo } from './seeded-cluster.ts';
import { systemClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { commitFromOutside } from '../../brokers/kafka/commit-from-outside.ts';
import { openKafkaAdministration } from '../../brokers/kafka/changes/kafka-administration.ts';
import { createReach } from '../../brokers/kafka/changes/reach.ts';
import { kafkaDriver } from '../../brokers/kafka/driver.ts';

/** @throws AppError from the brokers */
export async function seedLab(name: string, config: ClusterConfig, io: SeedIo): Promise<Seeded> {
  await using cluster = await open(name, config, io);
  const topics: SeededTopic[] = [];
  for (const topic of seedTopics) {
    io.progress(`topic ${topic.name}`);
    topics.push(await fillTopic(cluster, topic, io));
  }
  for (const group of seedGroups) {
    io.progress(`group ${group.name}, ${group.state}`);
    for (const topic of group.topics) await cluster.commit(group.name, topic.name, commitsOf(group, topic), io);
  }
  const own = await cluster.seedOwn(io);
  return {
    topics: [...topics, ...own.topics],
    groups: [...seedGroups.map(({ name: group, state }) => ({ name: group, state })), ...own.groups],
  };
}

const open = (name: string, config: ClusterConfig, io: Io) =>
  byKind<ClusterConfig, Promise<SeededCluster>>(config, {
    kafka: (of) => openKafka(name, of, io),
    rocketmq: (of) => openRocketmq(name, of, io),
  });

/** Fills a Kafka cluster with the driver, and commits offsets without joining a group. */
export async function openKafka(name: string, config: KafkaClusterConfig, io: Io): Promise<SeededCluster> {
  await using opened = new AsyncDisposableStack();
  const admin = opened.use(await kafkaDriver.administer(name, config, io));
  const inspector = opened.use(await kafkaDriver.inspect(name, config, io));
  const traffic = opened.use(await kafkaDriver.traffic(name, config, io));
  const producer = opened.use(await traffic.producer({ acks: 'all' }));
  const reach = opened.use(createReach(name, config, systemClock));
  const changes = opened.use(openKafkaAdministration(name, config));
  const { brokers } = await inspector.describe(io);
  const held = opened.move();

  const cluster: SeededCluster = {
    async ensureTopic(topic, partitions, { signal }) {
      try {
        await admin.createTopic(
          { name: topic, partitions, replicationFactor: Math.min(3, brokers.length) },
          { signal },
        );
      } catch (cause) {
        if (!(cause instanceof AppError) || cause.code !== 'topic-conflict') throw cause;
      }
    },

    async ends(topic, partitions, { signal }) {
      const { offsets } = await inspector.snapshot({ signal }, { topics: [topic], groups: [] });
      return Array.from({ length: partitions }, (_, partition) => {
        const end = offsets.find((each) => each.topic === topic && each.partition === partition)?.end;
        if (end === undefined) throw new AppError('broker-refused', `cannot read the end of ${topic}-${partition}`);
        return end;
      });
    },

    send: (topic, partition, values, { signal }) => producer.send({ topic, partition, values }, { signal }),

    commit: (group, topic, offsets, { signal }) => commitFromOutside(reach, group, topic, offsets, { signal }),

    async seedOwn(io) {
      io.progress('topic seed-expired, trimmed behind group seed-late');
      const expired = { name: 'seed-expired', partitions: 1, messagesPerPartition: 100 };
      const topic = await fillTopic(cluster, expired, io);
      await cluster.commit('seed-late', expired.name, new Map([[0, 20n]]), io);
      await changes.deleteRecords(expired.name, [{ partition: 0, offset: 60n }], io);
      return { topics: [topic], groups: [{ name: 'seed-late', state: 'lost-to-retention' }] };
    },

    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
  return cluster;
}
