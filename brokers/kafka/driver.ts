// How does Plimsoll speak to Kafka? Asks what the brokers understand, picks the client, and keeps what both clients leave open.

import { systemClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { seconds } from '../../core/units.ts';
import type { BrokerDriver, ClusterAdmin, Io } from '../driver.ts';
import { chooseClient } from './choose-client.ts';
import type { KafkaClient, KafkaCluster } from './client.ts';
import type { KafkaClusterConfig } from './config.ts';
import { createInspector } from './snapshot.ts';
import { readApiRanges } from './wire/api-ranges.ts';
import { briefly, createConnections, patient, type Connections } from './wire/connections.ts';
import { readMetadata } from './wire/metadata.ts';

export const kafkaDriver: BrokerDriver<KafkaClusterConfig> = {
  async inspect(name, config, io) {
    const { client, cluster } = await meet(name, config, io);
    return createInspector(cluster, await client.read(cluster, io), createConnections(name, config, briefly));
  },

  async traffic(name, config, io) {
    const { client, cluster } = await meet(name, config, io);
    return client.traffic(cluster, io);
  },

  async administer(name, config, io) {
    const { client, cluster } = await meet(name, config, io);
    return settled(await client.administer(cluster, io), createConnections(name, config, patient));
  },
};

/** @throws AppError broker-unreachable, credentials-refused, unsupported-broker */
async function meet(
  name: string,
  config: KafkaClusterConfig,
  io: Io,
): Promise<{ client: KafkaClient; cluster: KafkaCluster }> {
  await using connections = createConnections(name, config, patient);
  const { connection, address } = await connections.bootstrap(io);
  const ranges = await readApiRanges(connection, address, io);
  return { client: chooseClient(name, config.client, ranges), cluster: { name, config, ranges } };
}

const metadataPause = seconds(0.1);
const metadataPatience = seconds(30);

/** Brokers answer before all of them know: a topic is made, or gone, once the metadata of every broker says so. */
function settled(admin: ClusterAdmin, connections: Connections): ClusterAdmin {
  return {
    async createTopic(topic, io) {
      try {
        await admin.createTopic(topic, io);
      } catch (cause) {
        if (!(cause instanceof AppError) || cause.code !== 'topic-conflict') throw cause;
        throw await conflictOf(connections, topic.name, topic.partitions, cause, io);
      }
      await everyBroker(
        connections,
        `see topic ${topic.name} with its leaders`,
        io,
        topic.name,
        (leaders) => leaders?.length === topic.partitions && leaders.every((leader) => leader !== undefined),
      );
    },

    async deleteTopic(name, io) {
      await admin.deleteTopic(name, io);
      await everyBroker(connections, `see topic ${name} gone`, io, name, (leaders) => leaders === undefined);
    },

    deleteGroup: (name, io) => admin.deleteGroup(name, io),

    async [Symbol.asyncDispose]() {
      await Promise.all([admin[Symbol.asyncDispose](), connections[Symbol.asyncDispose]()]);
    },
  };
}

async function conflictOf(
  connections: Connections,
  topic: string,
  wanted: number,
  cause: AppError,
  io: Io,
): Promise<AppError> {
  const { connection, address } = await connections.bootstrap(io);
  const found = (await readMetadata(connection, address, io, [topic])).topics[0]?.partitions.length;
  const has = found === undefined ? 'it exists' : `it exists with ${found} ${found === 1 ? 'partition' : 'partitions'}`;
  return new AppError('topic-conflict', `cannot create topic ${topic} with ${wanted} partitions: ${has}`, { cause });
}

/** @param isSettled judges the leaders of the topic's partitions as one broker tells them; undefined when it knows no such topic */
async function everyBroker(
  connections: Connections,
  what: string,
  io: Io,
  topic: string,
  isSettled: (leaders: readonly (string | undefined)[] | undefined) => boolean,
): Promise<void> {
  const deadline = systemClock.monotonic() + metadataPatience;
  const { connection, address } = await connections.bootstrap(io);
  const { brokers } = await readMetadata(connection, address, io, []);
  for (const broker of brokers) {
    for (;;) {
      const reached = await connections.to(broker.address, io);
      const { topics } = await readMetadata(reached, broker.address, io, [topic]);
      if (isSettled(topics[0]?.partitions.map(({ leader }) => leader))) break;
      if (systemClock.monotonic() > deadline) {
        throw new AppError('broker-refused', `cannot ${what} on ${broker.address} within ${metadataPatience} s`);
      }
      await systemClock.sleep(metadataPause, io);
    }
  }
}
