// How is a Kafka cluster filled? Through the driver's own roles, and commits without joining a group.

import { deleteRecordsV2, findCoordinatorV3, offsetCommitV8 } from '@platformatic/kafka';
import { AppError } from '../../core/errors.ts';
import type { Io } from '../../brokers/driver.ts';
import type { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { onceCoordinated } from '../../brokers/kafka/coordinator-wait.ts';
import { kafkaDriver } from '../../brokers/kafka/driver.ts';
import { ask } from '../../brokers/kafka/wire/ask.ts';
import { createConnections, patient } from '../../brokers/kafka/wire/connections.ts';
import { readMetadata } from '../../brokers/kafka/wire/metadata.ts';
import { joinAddress } from '../../brokers/address.ts';
import { fillTopic } from './fill-topic.ts';
import type { SeededCluster } from './seeded-cluster.ts';

const requestMs = 8000;

export async function openKafka(name: string, config: KafkaClusterConfig, io: Io): Promise<SeededCluster> {
  await using opened = new AsyncDisposableStack();
  const admin = opened.use(await kafkaDriver.administer(name, config, io));
  const inspector = opened.use(await kafkaDriver.inspect(name, config, io));
  const traffic = opened.use(await kafkaDriver.traffic(name, config, io));
  const producer = opened.use(await traffic.producer({ acks: 'all' }));
  const connections = opened.use(createConnections(name, config, patient));
  const { brokers } = await inspector.describe(io);
  const held = opened.move();

  /** Deletes what lies before an offset, as retention would. */
  async function trim(topic: string, partition: number, offset: bigint, { signal }: Io): Promise<void> {
    const { connection, address } = await connections.bootstrap({ signal });
    const { topics, brokers: seen } = await readMetadata(connection, address, { signal }, [topic]);
    const leader = topics[0]?.partitions.find((each) => each.partition === partition)?.leader;
    const leaderAddress = seen.find(({ id }) => id === leader)?.address ?? address;
    const reached = await connections.to(leaderAddress, { signal });
    const attempt = { action: `trim ${topic}-${partition}`, address: leaderAddress };
    const wanted = [{ name: topic, partitions: [{ partitionIndex: partition, offset }] }];
    await ask(reached, attempt, { signal }, deleteRecordsV2.api, wanted, requestMs);
  }

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

    commit: (group, topic, offsets, { signal }) =>
      onceCoordinated({ signal }, async () => {
        const { connection, address } = await connections.bootstrap({ signal });
        const found = { action: `find the coordinator of group ${group}`, address };
        const { coordinators } = await ask(connection, found, { signal }, findCoordinatorV3.api, 0, [group]);
        const coordinator = joinAddress(coordinators[0]?.host ?? '', coordinators[0]?.port ?? 0);
        const reached = await connections.to(coordinator, { signal });
        const partitions = [...offsets].map(([partitionIndex, committedOffset]) => ({
          partitionIndex,
          committedOffset,
          committedLeaderEpoch: -1,
          committedMetadata: null,
        }));
        // Generation −1 without a member: a commit from outside, which a group without members takes.
        const attempt = { action: `commit for group ${group}`, address: coordinator };
        const commits = [{ name: topic, partitions }];
        await ask(reached, attempt, { signal }, offsetCommitV8.api, group, -1, '', null, commits);
      }),

    async seedOwn(io) {
      io.progress('topic seed-expired, trimmed behind group seed-late');
      const expired = { name: 'seed-expired', partitions: 1, messagesPerPartition: 100 };
      const topic = await fillTopic(cluster, expired, io);
      await cluster.commit('seed-late', expired.name, new Map([[0, 20n]]), io);
      await trim(expired.name, 0, 60n, io);
      return { topics: [topic], groups: [{ name: 'seed-late', state: 'lost-to-retention' }] };
    },

    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
  return cluster;
}
