// Sends the messages that a topic lacks compared with the seed plan.

import type { Io } from '../../brokers/driver.ts';
import { seedValue, type SeedTopic } from './plan.ts';
import type { SeededCluster, SeededTopic } from './seeded-cluster.ts';

/** Sends missing messages up to the plan. */
export async function fillTopic(cluster: SeededCluster, topic: SeedTopic, io: Io): Promise<SeededTopic> {
  const { name, partitions, messagesPerPartition } = topic;
  await cluster.ensureTopic(name, partitions, io);
  const ends = await cluster.ends(name, partitions, io);
  let added = 0;
  for (const [partition, end] of ends.entries()) {
    const values = [];
    for (let index = Number(end); index < messagesPerPartition; index++) values.push(seedValue(name, partition, index));
    if (values.length > 0) await cluster.send(name, partition, values, io);
    added += values.length;
  }
  return { name, messages: Number(ends.reduce((sum, end) => sum + end, 0n)) + added, added };
}
