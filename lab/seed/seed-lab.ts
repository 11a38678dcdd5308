// Seeds a running lab up to the plan so that every metric has data; a second run adds nothing.

import type { Io } from '../../brokers/driver.ts';
import type { ClusterConfig } from '../../brokers/config.ts';
import { byKind } from '../../core/broker-kind/registry.ts';
import { openKafka } from './kafka-cluster.ts';
import { fillTopic } from './fill-topic.ts';
import { commitsOf, seedGroups, seedTopics } from './plan.ts';
import { openRocketmq } from './rocketmq-cluster.ts';
import type { Seeded, SeededCluster, SeededTopic, SeedIo } from './seeded-cluster.ts';

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
