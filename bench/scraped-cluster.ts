// Fills a Kafka cluster with partitions and committed groups for the scrape bench.

import { findCoordinatorV3, offsetCommitV8 } from '@platformatic/kafka';
import { KafkaClusterConfig } from '../brokers/kafka/config.ts';
import { onceCoordinated } from '../brokers/kafka/coordinator-wait.ts';
import { ask } from '../brokers/kafka/wire/ask.ts';
import { createConnections, defaultTimeouts } from '../brokers/kafka/wire/connections.ts';
import { drivers } from '../brokers/registry.ts';
import type { Output } from '../app/caller.ts';

export interface ClusterSize {
  partitions: number;
  groups: number;
  /** Partitions in which each group has committed. */
  partitionsPerGroup: number;
  /** Default: 100, so that a group commits in one topic per hundred partitions. */
  partitionsPerTopic?: number;
}

export const benchTopic = (index: number) => `bench-${index}`;

/**
 * Topics are empty, so that every series has a value and brokers have no other work during scrapes.
 *
 * @param io.before partitions created by earlier calls
 */
export async function fillCluster(
  bootstrap: string[],
  { partitions, groups, partitionsPerGroup, partitionsPerTopic = 100 }: ClusterSize,
  { signal, stderr, before = 0 }: { signal: AbortSignal; stderr: Output; before?: number },
): Promise<void> {
  const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap, client: 'platformatic' });
  const io = { signal };
  const topics = Array.from({ length: Math.ceil(partitions / partitionsPerTopic) }, (_, index) => benchTopic(index));
  await using admin = await drivers.kafka.administer('bench', config, io);
  for (const [index, name] of topics.entries()) {
    if (index < before / partitionsPerTopic) continue;
    await admin.createTopic({ name, partitions: partitionsPerTopic, replicationFactor: 1 }, io);
    if (index % 20 === 19) stderr.write(`${(index + 1) * partitionsPerTopic} partitions\n`);
  }
  await using connections = createConnections('bench', config, defaultTimeouts);
  const { connection, address } = await connections.bootstrap(io);
  const topicsPerGroup = Math.ceil(partitionsPerGroup / partitionsPerTopic);
  for (let group = 0; group < groups; group++) {
    const name = `bench-group-${group}`;
    const committed = Array.from({ length: topicsPerGroup }, (_, offset) => ({
      name: topics[(group + offset) % topics.length] ?? '',
      partitions: Array.from({ length: partitionsPerTopic }, (_, partitionIndex) => ({
        partitionIndex,
        committedOffset: 0n,
        committedLeaderEpoch: -1,
      })),
    }));
    // A group without members: generation -1 and no member id.
    const attempt = { action: 'commit offsets', address };
    await onceCoordinated(io, async () => {
      await ask(connection, attempt, io, findCoordinatorV3.api, 0, [name]);
      await ask(connection, attempt, io, offsetCommitV8.api, name, -1, '', undefined, committed);
    });
  }
  stderr.write(`${groups} groups of ${topicsPerGroup * partitionsPerTopic} partitions\n`);
}
